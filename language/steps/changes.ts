/**
 * What `update` and `delete` share: how many rows a change may meet, and what its result is then.
 *
 * PURE.
 */
import type { Table } from '../plan/project.js';
import type { Type } from '../plan/types.js';
import { listOf, maybe } from '../plan/types.js';
import { rowType } from './tables.js';

export type Expect = 'one' | 'none-or-one' | 'any';

/** `one` where nothing, or nothing that is allowed, is written. */
export function expectOf(written: string | undefined): Expect {
  return written === 'none-or-one' || written === 'any' ? written : 'one';
}

export function changedType(table: Table, expect: Expect): Type {
  const row = rowType(table);
  if (expect === 'any') return listOf(row);
  return expect === 'one' ? row : maybe(row);
}
