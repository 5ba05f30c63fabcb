/**
 * `where` in a summary: the columns, without values.
 *
 * PURE.
 */
import type { Value } from '../plan/plan.js';

/** " where id and status", or nothing for all rows. */
export function summarizeWhere(where: Value): string {
  const columns = where.is === 'map' ? where.entries.map(({ key }) => key) : [];
  return columns.length === 0 ? '' : ` where ${columns.join(' and ')}`;
}
