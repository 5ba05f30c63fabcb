/**
 * A worker's life: project -> definitions, database, models, Temporal -> polling -> an end in order.
 *
 * HOST. SIGINT and SIGTERM (or the end of whoever supervises it) let running activities finish, for ten seconds gently and
 * ten more by force. What is said goes to the log; `print` is only for messages of the channel `console`.
 */
import { createActivities } from '../activities/index.js';
import { failure, messageOf } from '../language/plan/failure.js';
import type { Configuration, Variables } from '../setup/configuration.js';
import { compileDefinitions } from '../setup/definitions.js';
import { withActivities } from '../setup/load-activities.js';
import type { ProjectWithActivities } from '../setup/load-activities.js';
import { loadProject } from '../setup/project.js';
import { prepareTables } from '../setup/tables.js';
import { temporalAddress } from '../setup/temporal-address.js';
import { onSupervisorGone, sayReady } from '../setup/worker-process.js';
import { findBundle } from './bundle.js';
import { composeDependencies } from './dependencies.js';
import { createLog } from './log.js';
import { startModels } from './models.js';
import { keepPlans } from './plans.js';
import { installRuntime } from './runtime.js';
import { keepInStep } from './schedules.js';
import { ensureSearchAttributes } from './search-attributes.js';
import { connectWorker, createWorker } from './worker.js';

/** How long a start waits for the definitions to be in the table before it polls without. */
const PUBLISH_MS = 3_000;

export interface RunWorkerOptions {
  /** The project: the folder with firn.yaml. */
  readonly directory: string;
  readonly variables: Variables;
  /** Where the channel `console` prints. */
  readonly print: (text: string) => void;
}

/** Resolves when the worker has ended in order. Failures: `invalid` (the project has problems), `unreachable`. */
export async function runWorker({ directory, variables, print }: RunWorkerOptions): Promise<void> {
  const log = createLog(variables['FIRN_LOG'] ?? 'info');
  const supervisor = { gone: false, stop: (): void => undefined };
  onSupervisorGone(() => {
    supervisor.gone = true;
    supervisor.stop();
  });
  const { configuration, registered } = await openProject(directory, variables);
  installRuntime(log);
  const server = temporalAddress(configuration, variables);
  const supervised = process.send !== undefined;
  const definitions = compileDefinitions(configuration);
  const plans = keepPlans(definitions, log);
  const [connection, models, bundle] = await Promise.all([
    connectWorker(server),
    startModels(configuration, supervised, log),
    findBundle(),
  ]);
  const over = new AbortController();
  const attributes = await ensureSearchAttributes(connection, server.namespace);
  if (attributes.problem !== undefined) log.warn({}, attributes.problem);
  const parts = {
    plans: plans.registry,
    registered,
    models: models.port,
    searchAttributes: attributes.names,
    logger: log,
    print,
  };
  const composed = composeDependencies(configuration, parts);
  try {
    const worker = await createWorker({
      connection,
      namespace: server.namespace,
      taskQueue: configuration.taskQueue,
      bundle,
      activities: createActivities(composed.dependencies),
      activities_at_once: configuration.limits.activities_at_once,
    });
    const published = plans.publish(
      composed.dependencies.store.pool,
      () => prepareTables(configuration),
      log,
      over.signal,
    );
    await Promise.race([published, new Promise((resolve) => setTimeout(resolve, PUBLISH_MS).unref())]);
    const ended = worker.run();
    const scheduled = keepInStep(connection, server.namespace, configuration, definitions, log);
    supervisor.stop = () => (worker.getState() === 'RUNNING' ? worker.shutdown() : undefined);
    if (supervisor.gone) supervisor.stop();
    sayReady();
    log.info({ task_queue: configuration.taskQueue, plans: plans.registry.names() }, 'the worker polls');
    await ended;
    over.abort();
    await Promise.all([published, scheduled]);
  } finally {
    over.abort();
    await models.stop();
    await composed.close();
    // A worker that was made and never ran still holds it; why it never ran is what has to be told.
    await connection
      .close()
      .catch((error: unknown) => log.warn({ problem: messageOf(error) }, 'the connection stays open'));
  }
}

interface OpenedProject extends Pick<ProjectWithActivities, 'registered'> {
  readonly configuration: Configuration;
}

async function openProject(directory: string, variables: Variables): Promise<OpenedProject> {
  const { configuration, problems, registered } = await withActivities(loadProject(directory, variables));
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (configuration !== undefined && errors.length === 0) return { configuration, registered };
  const lines = errors.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  throw failure('invalid', `the project in ${directory} has problems: ${lines.join('; ')}`);
}
