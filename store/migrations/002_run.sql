-- One row per run: unique by ticket beyond Temporal's retention, and what is left of a run after it.
create table firn_run (
  ticket       text primary key,
  first_run_id text not null,
  run_id       text not null,
  workflow     text not null,
  hash         text,
  owner        text,
  input        json not null,
  started_at   timestamptz not null,
  ends_by      timestamptz,
  ended_at     timestamptz,
  outcome      text check (outcome in ('done', 'refused', 'handed_over', 'failed', 'cancelled')),
  reason       text,
  code         text,
  step         text,
  output       json,
  path         json,
  decisions    json,
  model_calls  integer,
  trail        json,
  undo         json
);
create index firn_run_newest on firn_run (started_at desc);
create index firn_run_workflow on firn_run (workflow, started_at desc);
