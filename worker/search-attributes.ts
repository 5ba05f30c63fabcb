/**
 * Search attributes: those that the namespace lacks are registered when a worker starts.
 *
 * HOST. Tolerant: a server that does not allow it (Temporal Cloud has its own way) costs the attributes, never the worker. A
 * run that writes an attribute which does not exist would be stuck for ever, so what is given back is what really exists.
 */
import type { NativeConnection } from '@temporalio/worker';
import { messageOf } from '../language/plan/failure.js';
import { SEARCH_ATTRIBUTES } from '../setup/temporal-server.js';

/** `IndexedValueType` of Temporal's API. */
const TYPES = { Keyword: 2, KeywordList: 7, Datetime: 6 } as const;

export interface FoundAttributes {
  /** Names that exist with the type that Firn writes. */
  readonly names: readonly string[];
  /** Why some are missing; undefined when none is. */
  readonly problem: string | undefined;
}

export async function ensureSearchAttributes(
  connection: NativeConnection,
  namespace: string,
): Promise<FoundAttributes> {
  try {
    const known = await list(connection, namespace);
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !known.has(name));
    if (missing.length > 0) await add(connection, namespace, missing);
    const now = missing.length > 0 ? await list(connection, namespace) : known;
    const names = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) =>
      now.get(name) === TYPES[type] ? [name] : [],
    );
    const without = Object.keys(SEARCH_ATTRIBUTES).filter((name) => !names.includes(name));
    const problem = `the namespace "${namespace}" has no usable search attribute ${without.join(', ')}`;
    return { names, problem: without.length === 0 ? undefined : problem };
  } catch (error) {
    return { names: [], problem: `the search attributes could not be registered: ${messageOf(error)}` };
  }
}

async function list(connection: NativeConnection, namespace: string): Promise<ReadonlyMap<string, number>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return new Map(Object.entries(customAttributes));
}

async function add(
  connection: NativeConnection,
  namespace: string,
  missing: readonly (readonly [string, keyof typeof TYPES])[],
): Promise<void> {
  const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, TYPES[type]]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another worker that starts at the same moment may have been faster.
    if (!messageOf(error).toLowerCase().includes('already exist')) throw error;
  }
}
