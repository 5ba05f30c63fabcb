-- Sample departments; nobody joins them yet. Can be run again at any time; who has joined stays.
create schema if not exists staff;
create table if not exists staff.departments (
  name text primary key,
  lead_email text not null,
  mail_domain text not null
);
create table if not exists staff.department_groups (
  department text not null references staff.departments (name),
  group_name text not null,
  primary key (department, group_name)
);
create table if not exists staff.contracts (
  id text primary key,
  name text not null,
  department text not null references staff.departments (name),
  joins_at timestamptz not null
);
create table if not exists staff.joiners (
  id bigint generated always as identity primary key,
  ticket text not null unique,
  name text not null,
  login text not null unique,
  department text not null references staff.departments (name),
  joins_at timestamptz not null,
  state text not null check (state in ('prepared', 'active'))
);
create table if not exists staff.mailboxes (
  address text primary key,
  owner text not null,
  created_at timestamptz not null default now()
);
create table if not exists staff.badges (
  number text primary key,
  login text not null,
  valid_from timestamptz not null
);
insert into staff.departments (name, lead_email, mail_domain) values
  ('workshop', 'lead.workshop@example.com', 'example.com'),
  ('office', 'lead.office@example.com', 'example.com')
on conflict (name) do update set lead_email = excluded.lead_email, mail_domain = excluded.mail_domain;
insert into staff.contracts (id, name, department, joins_at) values
  ('K-1', 'Wanda Weiss', 'workshop', now() + interval '20 days'),
  ('K-2', 'Olaf Orth', 'office', now() + interval '3 days'),
  ('K-3', 'Zoe Zander', 'office', now() - interval '30 days')
on conflict (id) do update set name = excluded.name, department = excluded.department, joins_at = excluded.joins_at;
insert into staff.department_groups (department, group_name) values
  ('workshop', 'all-staff'), ('workshop', 'machines'), ('workshop', 'safety'), ('office', 'all-staff')
on conflict do nothing;
