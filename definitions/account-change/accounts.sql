-- The sample copy of the customer accounts, and what was changed. Can be run again at any time; changes stay.
create schema if not exists accounts;
create table if not exists accounts.customers (
  id text primary key,
  registry_id text not null unique,
  email text not null,
  watched boolean not null default false
);
create table if not exists accounts.changes (
  id bigint generated always as identity primary key,
  ticket text not null unique,
  customer_id text not null references accounts.customers (id),
  field text not null check (field in ('email', 'address')),
  old_value text not null,
  new_value text not null,
  state text not null check (state in ('asked', 'late', 'done', 'refused', 'withdrawn')),
  note text,
  registry_version integer,
  asked_at timestamptz not null default now()
);
insert into accounts.customers (id, registry_id, email, watched) values
  ('C-1', 'R-100', 'anna@example.com', false),
  ('C-2', 'R-200', 'ben@example.com', true),
  ('C-3', 'R-300', 'carla@example.com', false)
on conflict (id) do update set registry_id = excluded.registry_id, email = excluded.email, watched = excluded.watched;
