/**
 * Server, worker and client of one test file, and the waits that its tests share.
 */
import {
  Client,
  Connection,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import { DefaultLogger, Runtime, type NativeConnection, type Worker } from '@temporalio/worker';
import { STATUS, type RunStatus } from '../../language/plan/messages.js';
import { bundleWorkflows } from '../../worker/bundle.js';
import { connectWorker, createWorker } from '../../worker/worker.js';
import { startServer, type TestServer } from './server.js';
import type { World } from './world.js';

export const QUEUE = 'firn-test';

export class Bench {
  readonly server: TestServer;
  readonly client: Client;
  readonly code: string;
  readonly connection: NativeConnection;
  private running: { readonly worker: Worker; readonly done: Promise<void> } | undefined;

  private constructor(server: TestServer, client: Client, code: string, connection: NativeConnection) {
    this.server = server;
    this.client = client;
    this.code = code;
    this.connection = connection;
  }

  static async open(words: readonly string[] = []): Promise<Bench> {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
    });
    const [server, code] = await Promise.all([startServer(words), bundleWorkflows()]);
    const client = new Client({ connection: await Connection.connect({ address: server.address }) });
    return new Bench(server, client, code, await connectWorker(server));
  }

  async startWorker(world: World): Promise<void> {
    const { connection, code } = this;
    const parts = {
      connection,
      namespace: 'default',
      taskQueue: QUEUE,
      bundle: { code },
      activities: world.activities(),
    };
    const worker = await createWorker(parts);
    this.running = { worker, done: worker.run() };
  }

  async stopWorker(): Promise<void> {
    this.running?.worker.shutdown();
    await this.running?.done;
    this.running = undefined;
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.connection.close();
    await this.client.connection.close();
    await this.server.stop();
  }

  start(
    workflow: string,
    ticket: string,
    args: unknown[] = [{}],
    options: object = {},
  ): Promise<WorkflowHandleWithFirstExecutionRunId> {
    return this.client.workflow.start(workflow, {
      workflowId: ticket,
      taskQueue: QUEUE,
      args,
      workflowTaskTimeout: '3s',
      ...options,
    });
  }
}

export async function statusWhen(handle: WorkflowHandle, holds: (status: RunStatus) => boolean): Promise<RunStatus> {
  for (;;) {
    const status = await handle.query<RunStatus>(STATUS);
    if (holds(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const waiting = (status: RunStatus): boolean => status.waiting.length > 0;

/** The chain of messages of what a promise was rejected with, and the innermost failure's type. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ readonly type: string; readonly message: string }> {
  try {
    await promise;
  } catch (error) {
    let at: unknown = error;
    let found = { type: '', message: error instanceof Error ? error.message : String(error) };
    while (at instanceof Error) {
      found = { type: String(Reflect.get(at, 'type') ?? at.name), message: at.message };
      at = at.cause;
    }
    return found;
  }
  throw new Error('it should have failed');
}

/** Search attributes by name. */
export function attributesOf(run: WorkflowExecutionDescription): Record<string, unknown> {
  return Object.fromEntries(run.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
}
