/**
 * The worker that is measured, in a process of its own: `node --import … bench/worker.ts FOLDER`, addresses in its
 * environment.
 *
 * HOST. The engine's own activities are the real ones on the real database; `read` gives a row at once, so that what is
 * measured is what happens around an activity. On its channel it says `ready`, answers `cpu` and ends on `stop`.
 */
import { join } from 'node:path';
import { pino } from 'pino';
import { createActivities } from '../activities/index.js';
import { isJsonMap } from '../language/plan/json.js';
import { modelsOff } from '../models/off.js';
import { compileDefinitions } from '../setup/definitions.js';
import { composeDependencies } from '../worker/dependencies.js';
import { keepPlans } from '../worker/plans.js';
import { installRuntime } from '../worker/runtime.js';
import { connectWorker, createWorker } from '../worker/worker.js';
import { SEARCH_ATTRIBUTES } from '../setup/temporal-server.js';
import { openProject } from './project.js';

const directory = process.argv[2] ?? '';
const { BENCH_DATABASE = '', BENCH_TEMPORAL = '', BENCH_QUEUE = '' } = process.env;

const log = pino({ level: 'silent' });
installRuntime(log);
const configuration = openProject(directory, BENCH_DATABASE);
const plans = keepPlans(compileDefinitions(configuration), log);
const { dependencies, close } = composeDependencies(configuration, {
  plans: plans.registry,
  registered: new Map(),
  models: modelsOff(['the bench asks no model']),
  searchAttributes: Object.keys(SEARCH_ATTRIBUTES),
  logger: log,
  print: () => undefined,
});
const row = { id: 'r-1', n: 1 };
const connection = await connectWorker({ address: BENCH_TEMPORAL });
const worker = await createWorker({
  connection,
  namespace: 'default',
  taskQueue: BENCH_QUEUE,
  bundle: { codePath: join(directory, 'bundle.js') },
  activities: { ...createActivities(dependencies), read: () => Promise.resolve(row) },
});

process.on('message', (message) => {
  if (!isJsonMap(message)) return;
  if (message['ask'] === 'cpu') {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu_us: user + system });
  } else if (message['ask'] === 'stop') worker.shutdown();
});
process.once('disconnect', () => (worker.getState() === 'RUNNING' ? worker.shutdown() : undefined));

const ended = worker.run();
process.send?.({ firn: 'ready' });
await ended;
await close();
await connection.close();
process.disconnect();
