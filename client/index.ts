/**
 * Firn as a library: start runs, follow them, decide what they wait for.
 *
 * HOST.
 *
 * ```ts
 * import { Firn } from 'firnflow';
 *
 * const firn = await Firn.connect({ address: '127.0.0.1:7233', databaseUrl: process.env.DATABASE_URL });
 * const run = await firn.start('refund', { order_id: 'A-1011', reason: 'damaged' });
 * const report = await run.report({ until: 'wait', timeout_ms: 60_000 });
 * if (report.outcome === 'waiting') {
 *   const { waiting } = await run.status();
 *   for (const { item, kind } of waiting) if (kind === 'approve') await run.approve(item, { by: 'maria' });
 * }
 * const output = await run.result();
 * await firn.close();
 * ```
 */
export { Firn, type ConnectOptions, type StartOptions } from './firn.js';
export { CLIENT_ERRORS, FirnError, type FirnErrorCode } from './errors.js';
export type { ListOptions, RunSummary } from './list.js';
export type { ReportedDecision, ReportedMessage, RunReport } from './report.js';
export { RunHandle, type Person, type Until } from './run-handle.js';
export type { ScheduleState } from './schedules.js';
export type { Outcome } from '../language/plan/host.js';
export type { Json, JsonMap } from '../language/plan/json.js';
export {
  REFUSALS,
  type DecisionReceipt,
  type Refusal,
  type RunStatus,
  type WaitingItem,
} from '../language/plan/messages.js';
