-- Sample suppliers, orders and receipts, and no invoices for them. Can be run again at any time; it touches only the rows
-- of the sample.
create schema if not exists payables;
create table if not exists payables.suppliers (
  id text primary key,
  name text not null,
  email text not null
);
create table if not exists payables.scans (
  id text primary key,
  entered_by text not null,
  scanned_at timestamptz not null default now()
);
create table if not exists payables.cost_centres (
  code text primary key,
  name text not null,
  open boolean not null default true
);
create table if not exists payables.orders (
  order_no text primary key,
  supplier_id text not null references payables.suppliers (id),
  ordered_at timestamptz not null default now()
);
create table if not exists payables.order_lines (
  order_no text not null references payables.orders (order_no),
  item text not null,
  quantity numeric(12, 3) not null check (quantity > 0),
  price numeric(12, 2) not null check (price >= 0),
  primary key (order_no, item)
);
create table if not exists payables.receipts (
  id bigint generated always as identity primary key,
  order_no text not null,
  item text not null,
  quantity numeric(12, 3) not null check (quantity > 0),
  received_at timestamptz not null default now(),
  foreign key (order_no, item) references payables.order_lines (order_no, item)
);
create table if not exists payables.invoices (
  id bigint generated always as identity primary key,
  supplier_id text not null references payables.suppliers (id),
  invoice_no text not null,
  order_no text not null references payables.orders (order_no),
  total numeric(12, 2) not null check (total > 0),
  cost_centre text not null references payables.cost_centres (code),
  ticket text not null unique,
  pay_on timestamptz not null,
  booked_at timestamptz not null default now(),
  unique (supplier_id, invoice_no)
);
create table if not exists payables.invoice_lines (
  invoice_id bigint not null references payables.invoices (id) on delete cascade,
  position integer not null,
  item text not null,
  quantity numeric(12, 3) not null,
  price numeric(12, 2) not null,
  primary key (invoice_id, position)
);
delete from payables.invoices where order_no in ('PO-1', 'PO-2', 'PO-3');
delete from payables.receipts where order_no in ('PO-1', 'PO-2', 'PO-3');
insert into payables.suppliers (id, name, email) values
  ('S-1', 'Papier Nord', 'invoices@papier-nord.example'),
  ('S-2', 'Metall Süd', 'billing@metall-sued.example')
on conflict (id) do update set name = excluded.name, email = excluded.email;
insert into payables.scans (id, entered_by) values ('scan-1', 'karl'), ('scan-2', 'jonas'), ('scan-3', 'karl')
on conflict (id) do update set entered_by = excluded.entered_by;
insert into payables.cost_centres (code, name, open) values
  ('1000', 'Office', true), ('2000', 'Workshop', true), ('9000', 'Closed last year', false)
on conflict (code) do update set name = excluded.name, open = excluded.open;
insert into payables.orders (order_no, supplier_id) values ('PO-1', 'S-1'), ('PO-2', 'S-2'), ('PO-3', 'S-2')
on conflict (order_no) do nothing;
insert into payables.order_lines (order_no, item, quantity, price) values
  ('PO-1', 'paper A4', 100, 4.50), ('PO-1', 'envelopes', 20, 12.00),
  ('PO-2', 'steel sheet', 40, 180.00),
  ('PO-3', 'bolts', 500, 0.40)
on conflict (order_no, item) do update set quantity = excluded.quantity, price = excluded.price;
insert into payables.receipts (order_no, item, quantity) values
  ('PO-1', 'paper A4', 60), ('PO-1', 'paper A4', 40), ('PO-1', 'envelopes', 20), ('PO-2', 'steel sheet', 40), ('PO-3', 'bolts', 200);
