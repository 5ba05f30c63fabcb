/**
 * A project of its own for chaos: a copy of test/chaos/project in a temporary folder, its tables in a real database, orders
 * to work on, and a client. Not a test itself.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Firn } from '../../client/index.js';
import type { Configuration, Variables } from '../../setup/configuration.js';
import { loadProject } from '../../setup/project.js';
import { prepareTables } from '../../setup/tables.js';
import { createPool, quoteIdentifier, type Pool } from '../../store/pool.js';

export interface Servers {
  /** Of a database that nobody else uses. */
  readonly databaseUrl: string;
  /** `host:port` of Temporal. */
  readonly address: string;
}

export interface PlaceOptions extends Servers {
  /** The overlay: `mutant` is the project without effect rows. */
  readonly environment?: 'mutant';
  readonly orders: number;
  /** A folder with the encoder; without it, models are off. */
  readonly models?: string;
}

export interface Place {
  readonly directory: string;
  readonly configuration: Configuration;
  /** For worker processes. */
  readonly variables: Variables;
  readonly pool: Pool;
  readonly firn: Firn;
  readonly orders: readonly Order[];
  /** Schema of the shop, quoted. */
  readonly shop: string;
  close(): Promise<void>;
}

export interface Order {
  readonly id: string;
  readonly total: number;
}

/** Nothing but their own ids is unique, so that whatever happens twice is in there twice. */
const TABLES = `
  create table orders (id text primary key, email text not null, total numeric(12,2) not null);
  create table refunds (id bigint generated always as identity primary key, order_id text not null, amount numeric(12,2) not null);
  create table bookings (id bigint generated always as identity primary key, order_id text not null, amount numeric(12,2) not null);
`;

export async function openPlace(options: PlaceOptions): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'firn-chaos-'));
  cpSync(join(import.meta.dirname, 'project'), directory, { recursive: true });
  if (options.models !== undefined) {
    mkdirSync(join(directory, '.firn'));
    symlinkSync(resolve(options.models), join(directory, '.firn', 'models'));
  }
  const variables = {
    ...plainVariables(),
    DATABASE_URL: options.databaseUrl,
    TEMPORAL_ADDRESS: options.address,
    FIRN_LOG: 'warn',
    ...(options.environment === undefined ? {} : { FIRN_ENV: options.environment }),
    ...(options.models === undefined ? { FIRN_MODELS: 'off' } : {}),
  };
  const configuration = openConfiguration(directory, variables);
  const { schema, taskQueue } = configuration;
  await prepareTables(configuration);
  const connection = configuration.connections.get('shop');
  const shop = quoteIdentifier(connection?.kind === 'postgres' ? (connection.schema ?? '') : '');
  const pool = createPool(options.databaseUrl, { schema, size: 5 });
  const orders = Array.from({ length: options.orders }, (_, index) => orderOf(index));
  await pool.query(`create schema ${shop}; set search_path to ${shop}; ${TABLES} set search_path to ${schema};`);
  await insertOrders(pool, shop, orders);
  const firn = await Firn.connect({ address: options.address, queue: taskQueue, database: { pool } });
  const close = async (): Promise<void> => {
    await firn.close();
    await pool.end();
    rmSync(directory, { recursive: true, force: true });
  };
  return { directory, configuration, variables, pool, firn, orders, shop, close };
}

/** Amounts that differ, so that a wrong sum cannot come right by exchanging two. */
function orderOf(index: number): Order {
  return { id: `A-${String(index + 1).padStart(4, '0')}`, total: (1_000 + index * 7) / 100 };
}

async function insertOrders(pool: Pool, shop: string, orders: readonly Order[]): Promise<void> {
  const ids = orders.map(({ id }) => id);
  const totals = orders.map(({ total }) => total);
  await pool.query(
    `insert into ${shop}.orders (id, email, total)
     select id, lower(id) || '@example.com', total from unnest($1::text[], $2::numeric[]) as given (id, total)`,
    [ids, totals],
  );
}

/** What says where things are, here or in another project, is not handed on. */
function plainVariables(): Variables {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(FIRN_|TEMPORAL_|DATABASE_URL$)/.test(name)),
  );
}

function openConfiguration(directory: string, variables: Variables): Configuration {
  const { configuration, problems } = loadProject(directory, variables);
  const wrong = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (configuration === undefined || wrong.length > 0)
    throw new Error(`the chaos project has problems: ${wrong.join('; ')}`);
  return configuration;
}

/** The compiled worker; chaos kills the real one. */
export function workerEntry(): string {
  const entry = resolve(import.meta.dirname, '../../dist/worker/main.js');
  if (!existsSync(entry)) throw new Error(`${entry} is missing; run npm run build`);
  return entry;
}
