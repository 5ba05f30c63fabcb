-- The sample support desk: one table of cases. Can be run again at any time; rows stay.
create schema if not exists desk;
create table if not exists desk.cases (
  id bigint generated always as identity primary key,
  queue text not null check (queue in ('cards', 'security', 'cash', 'payments', 'transfers', 'top_ups', 'exchange', 'account')),
  message text not null,
  ticket text not null unique,
  decided_by text not null check (decided_by in ('rule', 'encoder', 'person')),
  opened_at timestamptz not null default now()
);
