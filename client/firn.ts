/**
 * The client of a Firn project: starts runs and finds them again.
 *
 * HOST. Follows the conventions of `@temporalio/client`; what it starts is an ordinary Temporal workflow whose argument is
 * the input, so that any other client could have started it. With a database it checks inputs before it starts a run, and
 * reports from Firn's own tables.
 */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Client, Connection, WorkflowExecutionAlreadyStartedError, type ConnectionOptions } from '@temporalio/client';
import { messageOf } from '../language/plan/failure.js';
import type { Json } from '../language/plan/json.js';
import { MEMO_PLAN, TASK_TIMEOUT } from '../language/plan/messages.js';
import { makeTicket, TICKET_BYTES, TICKET_PATTERN } from '../language/plan/ticket.js';
import { waitForAnswer } from '../setup/ports.js';
import { createPool, type Pool } from '../store/pool.js';
import { FirnError, fromTables } from './errors.js';
import { checkStart, type Described } from './known-plans.js';
import { listFromTable, listFromTemporal, type ListOptions, type RunSummary } from './list.js';
import { RunHandle, type Doors } from './run-handle.js';
import { listSchedules, type ScheduleState } from './schedules.js';

const CONNECT_MS = 5_000;

/** TASK_QUEUE_TYPE_WORKFLOW of Temporal's API. */
const WORKFLOW_TASKS = 1;

export interface ConnectOptions {
  /** `host:port`; 127.0.0.1:7233 when left out. */
  readonly address?: string;
  readonly namespace?: string;
  /** The project's task queue: `project:` of firn.yaml, `firn` when left out. */
  readonly queue?: string;
  /** Firn's own database: a URL, or a pool that stays the caller's. */
  readonly databaseUrl?: string | undefined;
  readonly database?: { readonly pool: Pool };
  /** The schema of Firn's tables; the queue's name when left out. */
  readonly schema?: string;
  readonly apiKey?: string;
  readonly tls?: ConnectionOptions['tls'];
}

export interface StartOptions {
  /** A ticket of the caller's own (`[A-Za-z0-9._:-]{1,100}`): started twice, it is one run. */
  readonly ticket?: string;
  /** Hash of the definition to run instead of the newest. */
  readonly version?: string;
}

export class Firn {
  private readonly client: Client;
  private readonly queue: string;
  private readonly pool: Pool | undefined;
  private readonly ownPool: boolean;
  private readonly closing = new AbortController();

  private constructor(client: Client, queue: string, pool: Pool | undefined, ownPool: boolean) {
    this.client = client;
    this.queue = queue;
    this.pool = pool;
    this.ownPool = ownPool;
    // Each call that waits listens, and stops listening when it is done: their number says nothing about a leak.
    setMaxListeners(0, this.closing.signal);
  }

  /** FirnError `unreachable` when nobody answers at the address within five seconds. */
  static async connect(options: ConnectOptions = {}): Promise<Firn> {
    const {
      address = '127.0.0.1:7233',
      namespace = 'default',
      queue = 'firn',
      databaseUrl,
      database,
      apiKey,
      tls,
    } = options;
    // gRPC stays away for a second from a port that it found closed.
    if (!(await waitForAnswer(address, CONNECT_MS, () => false))) {
      throw new FirnError('unreachable', `no Temporal server answers at ${address}; is it running (npm start)?`);
    }
    const connection = await connect({
      address,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(tls === undefined ? {} : { tls }),
    });
    const opened =
      databaseUrl === undefined
        ? undefined
        : createPool(databaseUrl, { schema: options.schema ?? queue.replaceAll('-', '_') });
    return new Firn(new Client({ connection, namespace }), queue, database?.pool ?? opened, database === undefined);
  }

  /**
   * Starts a run. Rejects with `invalid_input`, `unknown_workflow`, `invalid_ticket`, `ticket_used` or `unreachable`; the
   * first three before anything was started.
   */
  async start(workflow: string, input: Json = {}, options: StartOptions = {}): Promise<RunHandle> {
    const ticket = options.ticket ?? makeTicket(workflow, randomBytes(TICKET_BYTES));
    if (!TICKET_PATTERN.test(ticket)) {
      throw new FirnError(
        'invalid_ticket',
        `"${ticket}" cannot be a ticket: 1 to 100 letters, digits and . _ : - are allowed`,
      );
    }
    const known = this.pool === undefined ? undefined : await checkStart(this.pool, workflow, input, options.version);
    return await this.startChecked(workflow, input, ticket, options.version, known);
  }

  /** Starts a run and waits for its output; like `RunHandle.result`, it rejects for any other ending. */
  async execute(workflow: string, input: Json = {}, options: StartOptions = {}): Promise<Json> {
    const handle = await this.start(workflow, input, options);
    return await handle.result();
  }

  /** The run of a ticket; asks nobody whether there is one. */
  getHandle(ticket: string): RunHandle {
    return new RunHandle(this.doors(), ticket);
  }

  async list(options: ListOptions = {}): Promise<RunSummary[]> {
    const { pool } = this;
    return pool === undefined
      ? await listFromTemporal(this.client, this.queue, options)
      : await fromTables(() => listFromTable(pool, options));
  }

  /** What starts runs of this project by the clock, as Temporal holds it. */
  async schedules(): Promise<ScheduleState[]> {
    return await listSchedules(this.client.schedule, this.queue);
  }

  /** Workers that asked for runs of this queue within the last minutes. With none, nothing that is started moves. */
  async workers(): Promise<number> {
    const { connection, options } = this.client;
    const taskQueue = { name: this.queue };
    const request = { namespace: options.namespace, taskQueue, taskQueueType: WORKFLOW_TASKS };
    const { pollers } = await connection.workflowService.describeTaskQueue(request);
    return pollers.length;
  }

  /** Ends what still waits for a run; runs go on. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.client.connection.close();
    if (this.ownPool) await this.pool?.end();
  }

  private doors(): Doors {
    return { client: this.client, db: this.pool, closed: this.closing.signal };
  }

  private async startChecked(
    workflow: string,
    input: Json,
    ticket: string,
    version: string | undefined,
    known: Described | undefined,
  ): Promise<RunHandle> {
    try {
      const handle = await this.client.workflow.start(workflow, {
        workflowId: ticket,
        taskQueue: this.queue,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        workflowTaskTimeout: TASK_TIMEOUT,
        ...(known === undefined ? {} : { staticSummary: known.summary, staticDetails: known.details }),
        ...(version === undefined ? {} : { memo: { [MEMO_PLAN]: version } }),
      });
      return new RunHandle(this.doors(), ticket, handle.firstExecutionRunId);
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        throw new FirnError('ticket_used', `the ticket "${ticket}" has had its run; a ticket is used once`, error);
      }
      throw new FirnError('unreachable', `"${workflow}" could not be started: ${messageOf(error)}`, error);
    }
  }
}

async function connect(options: ConnectionOptions): Promise<Connection> {
  try {
    return await Connection.connect(options);
  } catch (error) {
    throw new FirnError(
      'unreachable',
      `Temporal at ${String(options.address)} refuses the connection: ${messageOf(error)}`,
      error,
    );
  }
}
