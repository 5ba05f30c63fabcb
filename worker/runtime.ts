/**
 * Temporal's runtime of this process: its log and its signals. Installed once, before anything else of Temporal.
 *
 * HOST.
 */
import { Runtime } from '@temporalio/worker';
import type { Logger as Pino } from 'pino';
import { temporalLogger } from './log.js';

/** SIGINT and SIGTERM then let running activities finish (see `createWorker`). */
export function installRuntime(log: Pino): void {
  Runtime.install({
    logger: temporalLogger(log),
    shutdownSignals: ['SIGINT', 'SIGTERM'],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} } },
  });
}
