/**
 * Connections to PostgreSQL: one pool per database and purpose, with limits on every wait.
 *
 * HOST. Every time limit here is shorter than an activity's own, so that a hanging database shows as a failed attempt
 * that says why, never as an attempt that timed out in silence. Nothing here prints an address with its password.
 */
import pg from 'pg';
import { isConnectionLost } from './failures.js';
import { timestampText } from './values.js';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

/** A pool or one of its clients: functions that take part in a caller's transaction take this. */
export type Queryable = pg.Pool | pg.PoolClient;

export interface PoolOptions {
  /** Connections kept at most. */
  readonly size?: number;
  /** The schema in which unqualified table names are looked up; none = what the database says. */
  readonly schema?: string;
  readonly statement_timeout_ms?: number;
  readonly lock_timeout_ms?: number;
  readonly connect_timeout_ms?: number;
}

const DEFAULT_SIZE = 10;
const STATEMENT_TIMEOUT_MS = 6_000;
const LOCK_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** The client's own limit, for a server that went silent: above the server's, below an activity's. */
const ANSWER_MARGIN_MS = 500;

const TIMESTAMPTZ: number = pg.types.builtins.TIMESTAMPTZ;
const INT8: number = pg.types.builtins.INT8;

/** Opens nothing yet: the first query does, and fails when nobody answers. */
export function createPool(url: string, options: PoolOptions = {}): Pool {
  const statement_timeout_ms = options.statement_timeout_ms ?? STATEMENT_TIMEOUT_MS;
  const settings = ['timezone=UTC', 'datestyle=ISO,YMD'];
  if (options.schema !== undefined) settings.push(`search_path=${quoteIdentifier(options.schema)}`);
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'firn',
    max: options.size ?? DEFAULT_SIZE,
    connectionTimeoutMillis: options.connect_timeout_ms ?? CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: statement_timeout_ms,
    lock_timeout: options.lock_timeout_ms ?? LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: statement_timeout_ms,
    query_timeout: statement_timeout_ms + ANSWER_MARGIN_MS,
    options: settings.map((setting) => `-c ${setting.replace(/([\\ ])/g, '\\$1')}`).join(' '),
    types: {
      // Firn's own tables: instants as text, counters as numbers. Doors to other databases read raw text instead.
      getTypeParser: (type: number, format?: 'text' | 'binary'): unknown => {
        if (type === TIMESTAMPTZ) return timestampText;
        return type === INT8 ? Number : builtinParser(type, format);
      },
    },
  });
  // A connection that breaks while nobody uses it: the pool drops it, and the next query opens another.
  pool.on('error', () => undefined);
  return pool;
}

/** What `pg` itself makes of a type's text. Types are numbers of the database, more than the library's list has names for. */
export function builtinParser(type: number, format: 'text' | 'binary' = 'text'): unknown {
  const parser: unknown = Reflect.apply(pg.types.getTypeParser, pg.types, [type, format]);
  return parser;
}

/** "localhost:5432/shop": an address that may be shown. */
export function placeOf(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    const host = hostname === '' ? (searchParams.get('host') ?? 'localhost') : hostname;
    return `${host}:${port === '' ? '5432' : port}${pathname}`;
  } catch {
    return 'the configured address';
  }
}

/** A name as SQL: always in double quotes. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  begin = 'begin',
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  // A connection may break between two statements; the next one then rejects and says so.
  const onError = (): void => {
    broken = true;
  };
  client.on('error', onError);
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    if (isConnectionLost(error)) broken = true;
    else await client.query('rollback').catch(onError);
    throw error;
  } finally {
    client.removeListener('error', onError);
    client.release(broken);
  }
}
