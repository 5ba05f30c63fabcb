-- The sample shop: its tables, twelve orders, and no refunds for them. Can be run again at any time;
-- it touches only the rows of the sample. Dates are relative to now, so that the sample never grows old.
create schema if not exists shop;
create table if not exists shop.orders (
  id text primary key,
  email text not null,
  item text not null,
  status text not null check (status in ('processing', 'shipped', 'delivered')),
  total numeric(12, 2) not null check (total >= 0),
  ordered_at timestamptz not null,
  delivered_at timestamptz
);
create table if not exists shop.refunds (
  id bigint generated always as identity primary key,
  order_id text not null unique references shop.orders (id),
  amount numeric(12, 2) not null check (amount >= 0),
  reason text not null check (reason in ('damaged', 'not_arrived', 'changed_mind')),
  created_at timestamptz not null default now()
);
delete from shop.refunds where order_id between 'A-1001' and 'A-1012';
insert into shop.orders (id, email, item, status, total, ordered_at, delivered_at) values
  ('A-1001', 'anna@example.com',  'tea pot',        'delivered',  24.90, now() - interval '9 days',  now() - interval '5 days'),
  ('A-1002', 'ben@example.com',   'desk lamp',      'shipped',    39.00, now() - interval '16 days', null),
  ('A-1003', 'carla@example.com', 'wall clock',     'delivered',  18.50, now() - interval '12 days', now() - interval '8 days'),
  ('A-1004', 'david@example.com', 'garden hose',    'processing', 31.20, now() - interval '6 days',  null),
  ('A-1005', 'edith@example.com', 'picture frame',  'delivered',  12.50, now() - interval '7 days',  now() - interval '3 days'),
  ('A-1006', 'farid@example.com', 'rain jacket',    'shipped',    49.00, now() - interval '21 days', null),
  ('A-1007', 'grete@example.com', 'running shoes',  'delivered',  79.95, now() - interval '10 days', now() - interval '6 days'),
  ('A-1008', 'henry@example.com', 'toaster',        'delivered',  34.00, now() - interval '80 days', now() - interval '75 days'),
  ('A-1009', 'ines@example.com',  'book shelf',     'delivered',  45.00, now() - interval '14 days', now() - interval '9 days'),
  ('A-1010', 'jakob@example.com', 'set of glasses', 'delivered',  28.00, now() - interval '8 days',  now() - interval '4 days'),
  ('A-1011', 'klara@example.com', 'coffee machine', 'delivered', 249.00, now() - interval '11 days', now() - interval '7 days'),
  ('A-1012', 'luis@example.com',  'bicycle pump',   'delivered',  22.00, now() - interval '13 days', now() - interval '10 days')
on conflict (id) do update set
  email = excluded.email, item = excluded.item, status = excluded.status, total = excluded.total,
  ordered_at = excluded.ordered_at, delivered_at = excluded.delivered_at;
