-- The sample ledger: forty accounts with invoices, of which every fourth has paid. Can be run again at any time; it touches
-- only the rows of the sample. Dates are relative to now.
create schema if not exists ledger;
create table if not exists ledger.accounts (
  id text primary key,
  name text not null,
  email text not null,
  on_hold boolean not null default false
);
create table if not exists ledger.invoices (
  id text primary key,
  account_id text not null references ledger.accounts (id),
  amount numeric(12, 2) not null check (amount > 0),
  due_at timestamptz not null,
  paid_at timestamptz
);
create index if not exists invoices_unpaid on ledger.invoices (account_id, due_at) where paid_at is null;
create table if not exists ledger.dunning_runs (
  month text primary key,
  ticket text not null,
  begun integer,
  failed integer,
  amount numeric(14, 2),
  started_at timestamptz not null default now()
);
create table if not exists ledger.dunning_cases (
  id bigint generated always as identity primary key,
  account_id text not null references ledger.accounts (id),
  ticket text not null unique,
  amount numeric(12, 2) not null,
  stage text not null check (stage in ('begun', 'reminded', 'warned', 'closed')),
  result text check (result in ('paid', 'disputed', 'collection', 'carried over')),
  opened_at timestamptz not null default now(),
  closed_at timestamptz
);
create unique index if not exists dunning_cases_open on ledger.dunning_cases (account_id) where closed_at is null;
create table if not exists ledger.fees (
  id bigint generated always as identity primary key,
  case_id bigint not null references ledger.dunning_cases (id),
  amount numeric(12, 2) not null
);
create table if not exists ledger.collection_orders (
  id bigint generated always as identity primary key,
  case_id bigint not null unique references ledger.dunning_cases (id),
  amount numeric(12, 2) not null,
  ordered_at timestamptz not null default now()
);
insert into ledger.accounts (id, name, email, on_hold)
select 'L-' || lpad(n::text, 4, '0'), 'Customer ' || n, 'customer' || n || '@example.com', n = 13 from generate_series(1, 40) n
on conflict (id) do update set name = excluded.name, email = excluded.email, on_hold = excluded.on_hold;
insert into ledger.invoices (id, account_id, amount, due_at, paid_at)
select 'I-' || lpad(n::text, 4, '0'), 'L-' || lpad(n::text, 4, '0'), 20 + n * 3.5, now() - n * interval '3 days',
       case when n % 4 = 0 then now() - interval '1 day' end
from generate_series(1, 40) n
on conflict (id) do update set amount = excluded.amount, due_at = excluded.due_at, paid_at = excluded.paid_at;
