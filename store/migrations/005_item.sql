-- The inbox: what waits for a person, what was decided, and who tried to decide without being allowed to.
create table firn_item (
  ticket     text not null,
  id         text not null,
  run_id     text not null,
  workflow   text not null,
  step       text not null,
  kind       text not null check (kind in ('approve', 'answer', 'hand_over', 'undo_failed')),
  role       text not null,
  title      text not null,
  body       json not null,
  digest     text not null,
  answers    json,
  not_by     text,
  opened_at  timestamptz not null default clock_timestamp(),
  deadline   timestamptz,
  closed_at  timestamptz,
  how        text,
  decision   text,
  comment    text,
  decided_by text,
  primary key (ticket, id)
);
create index firn_item_open on firn_item (role, opened_at) where closed_at is null;

create table firn_refused_decision (
  ticket   text not null,
  item     text not null,
  decision text not null,
  comment  text,
  by       text not null,
  digest   text not null,
  because  text not null,
  at       timestamptz not null default clock_timestamp()
);
create index firn_refused_decision_ticket on firn_refused_decision (ticket, at);
