/**
 * Stored histories, replayed by the workflows of today with a note of everything they ask. Not a test itself.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type InjectedSinks } from '@temporalio/worker';
import { isJsonMap, type JsonMap } from '../../language/plan/json.js';
import { workflowSource } from '../../worker/bundle.js';
import type { Asked } from './asked.js';
import type { AskedSinks } from './asked-interceptor.js';

const FOLDER = join(import.meta.dirname, '..', 'histories');
const HISTORY = /\.history\.json$/;

export interface StoredHistory {
  readonly name: string;
  /** As Temporal's own tools write it. */
  readonly history: JsonMap;
  /** Where what it asked is stored. */
  readonly askedFile: string;
}

export interface Replayed {
  readonly asked: readonly Asked[];
  /** Why the replay failed; undefined when it did not. */
  readonly error: string | undefined;
}

export function storedHistories(): StoredHistory[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER)
    .filter((file) => HISTORY.test(file))
    .sort()
    .map((file) => {
      const name = file.replace(HISTORY, '');
      const history: unknown = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
      if (!isJsonMap(history)) throw new Error(`${file} is no history`);
      return { name, history, askedFile: join(FOLDER, `${name}.asked.json`) };
    });
}

export function historyFile(name: string): string {
  return join(FOLDER, `${name}.history.json`);
}

/** The workflows of today and the interceptor, as code for the sandbox. */
export async function bundleForReplay(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflowSource(),
    workflowInterceptorModules: [fileURLToPath(new URL('./asked-interceptor.ts', import.meta.url))],
    logger: new DefaultLogger('ERROR'),
  });
  return code;
}

/** By name. Needs no server. */
export async function replay(code: string, histories: readonly StoredHistory[]): Promise<Map<string, Replayed>> {
  quiet();
  const asked = new Map<string, Asked[]>(histories.map(({ name }) => [name, []]));
  const sinks: InjectedSinks<AskedSinks> = {
    replay: { asked: { fn: ({ workflowId }, what) => void asked.get(workflowId)?.push(what), callDuringReplay: true } },
  };
  const inputs = histories.map(({ name, history }) => ({ workflowId: name, history: historyFromJSON(history) }));
  const replayed = new Map<string, Replayed>();
  const options = { workflowBundle: { code }, sinks };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, inputs)) {
    replayed.set(workflowId, { asked: asked.get(workflowId) ?? [], error: error?.message });
  }
  return replayed;
}

let silenced = false;

function quiet(): void {
  if (silenced) return;
  silenced = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
}
