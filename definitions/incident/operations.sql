-- Incidents and what they affected. Can be run again at any time; rows stay.
create schema if not exists operations;
create table if not exists operations.incidents (
  id bigint generated always as identity primary key,
  ticket text not null unique,
  service text not null,
  severity text not null check (severity in ('major', 'minor')),
  what text not null,
  state text not null check (state in ('open', 'taken', 'overdue', 'resolved', 'dropped')),
  taken_by text,
  cause text,
  opened_at timestamptz not null default now()
);
create table if not exists operations.affected (
  id bigint generated always as identity primary key,
  incident_id bigint not null references operations.incidents (id),
  service text not null,
  severity text not null,
  state text not null,
  minutes integer not null
);
create table if not exists operations.watchers (
  ticket text primary key,
  service text not null
);
