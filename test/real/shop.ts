/** A shop's tables in a real database, a door to them and Firn's own tables beside: what these tests work on. */
import { createDoor } from '../../connections/door.js';
import type { Door, DoorSettings } from '../../connections/door.js';
import { prepareConnection } from '../../connections/prepare.js';
import { migrate } from '../../store/migrate.js';
import { createPool } from '../../store/pool.js';
import type { Pool } from '../../store/pool.js';

export const SCHEMA = 'firn';

const TABLES = `
  create type mood as enum ('calm', 'cross');
  create table orders (
    id text primary key,
    status text not null check (status in ('processing', 'delivered')),
    total numeric(12,2) not null,
    email varchar(80) unique,
    mood mood,
    delivered_at timestamptz,
    created_at timestamptz not null default now()
  );
  create table refunds (
    id bigint generated always as identity primary key,
    order_id text not null references orders (id),
    amount numeric(12,2) not null check (amount > 0),
    reason text,
    unique (order_id)
  );
  create table counters (id text primary key, n integer not null default 0);
  create table odd (id integer primary key, big bigint, exact numeric, money double precision, at timestamp, day date,
    flags boolean[], words text[], moods mood[], doc jsonb, raw bytea, who uuid, span interval);
  create view open_orders as select id, total from orders where delivered_at is null;
  insert into orders (id, status, total, email) values ('A-1', 'delivered', 12.50, 'a@example.com');
  insert into orders (id, status, total) values ('A-2', 'processing', 20);
`;

export async function openShop(url: string, settings: Partial<DoorSettings> = {}): Promise<Door> {
  const door = shopDoor(url, settings);
  await door.pool.query(TABLES);
  await prepareConnection(door);
  return door;
}

/** Another door to the same shop: another worker's. */
export function shopDoor(url: string, settings: Partial<DoorSettings> = {}): Door {
  return createDoor({
    ...{ name: 'shop', url, effects: 'exactly-once', effectSchema: SCHEMA, tableSchema: undefined, size: 30 },
    ...settings,
  });
}

export async function openStore(url: string): Promise<Pool> {
  const pool = createPool(url, { schema: SCHEMA });
  await migrate(pool, SCHEMA);
  return pool;
}
