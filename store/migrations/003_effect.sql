-- Effects on the rows of this database, each in the transaction of its effect. `firn connections prepare` makes the same
-- table in the database of a connection; where that is Firn's own database, they are one table.
create table if not exists firn_effect (
  key          text primary key,
  request_hash text,
  request      json,
  result       json,
  -- running: seen by nobody but its own transaction. settled: an undo has taken hold of the result.
  -- tombstone: it never happened and never can.
  status       text not null check (status in ('running', 'done', 'settled', 'tombstone')),
  at           timestamptz not null default clock_timestamp()
);
