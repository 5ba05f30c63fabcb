/**
 * The worker's log: pino, one JSON line each, with fields from an allow-list.
 *
 * HOST. Temporal hands its loggers whole objects; only names of things get through here, never inputs, results or texts.
 */
import { destination, pino, type Logger as Pino } from 'pino';
import type { LogLevel, LogMetadata, Logger } from '@temporalio/worker';

/** Temporal's name of a field -> ours. Nothing else is written. */
const FIELDS: Readonly<Record<string, string>> = {
  workflowId: 'ticket',
  workflowType: 'workflow',
  runId: 'run_id',
  activityId: 'step',
  activityType: 'verb',
  attempt: 'attempt',
  taskQueue: 'task_queue',
  signal: 'signal',
  state: 'state',
  durationMs: 'duration_ms',
};

/** Writes to standard error: standard output belongs to results. */
export function createLog(level: string): Pino {
  return pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination(2));
}

/** The same log for Temporal's runtime, workflows and activities. */
export function temporalLogger(log: Pino): Logger {
  const write = (level: LogLevel, message: string, meta?: LogMetadata): void => {
    const fields = allowed(meta);
    switch (level) {
      case 'TRACE':
        return log.trace(fields, message);
      case 'DEBUG':
        return log.debug(fields, message);
      case 'INFO':
        return log.info(fields, message);
      case 'WARN':
        return log.warn(fields, message);
      case 'ERROR':
        return log.error(fields, message);
    }
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}

export function allowed(meta: LogMetadata | undefined): Record<string, string | number> {
  const fields: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(meta ?? {})) {
    const ours = FIELDS[name];
    if (ours !== undefined && (typeof value === 'string' || typeof value === 'number')) fields[ours] = value;
    if (name === 'error' && value instanceof Error) fields['error'] = `${value.name}: ${value.message}`.slice(0, 500);
  }
  return fields;
}
