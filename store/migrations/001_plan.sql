-- Compiled definitions, by content: what `open run` hands to a run when a worker's memory does not hold it.
create table firn_plan (
  hash         text primary key,
  name         text not null,
  plan         json not null,
  source       text not null,
  published_at timestamptz not null default clock_timestamp()
);
create index firn_plan_newest on firn_plan (name, published_at desc);
