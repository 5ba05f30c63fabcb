/**
 * Snapshots: everything that a case's run did, to be kept beside the test file and compared with what it does later.
 *
 * PURE. Unlike an expectation, which says what matters, a snapshot leaves nothing out: a change that nobody meant shows.
 */
import { formatDuration } from '../language/plan/duration.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import type { NodeBase } from '../language/plan/plan.js';
import type { FinishedRun } from './compare.js';

/** Differences that are told; a run that goes another way from its first step on differs everywhere. */
const MOST_TOLD = 20;

/** Lists without entries are left out. */
export function snapshotOf<Node extends NodeBase>({ state, ending, host }: FinishedRun<Node>): JsonMap {
  const { outcome, output, reason, code, step } = ending;
  const effects = host.world.effects
    .filter(({ type }) => type !== 'tell')
    .map(({ id, type, asked }) => ({ step: id, verb: type, request: asked }));
  const messages = host.world.messages.map(({ to, subject, ...message }) => ({
    ...message,
    ...(to === null ? {} : { to }),
    ...(subject === null ? {} : { subject }),
  }));
  const people = host.items.map(({ id, role, title }) => ({ step: id, role, title }));
  const called = host.children.map(({ id, workflow, input }) => ({ step: id, workflow, input }));
  const sent = host.world.sent.map((one) => ({ ...one }));
  return {
    outcome,
    ...(output === undefined ? {} : { output }),
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { code }),
    ...(step === undefined ? {} : { step }),
    took: formatDuration(host.now() - state.run.started_at_ms),
    path: [...state.path],
    ...unlessEmpty('effects', effects),
    ...unlessEmpty('messages', messages),
    ...unlessEmpty('sent', sent),
    ...unlessEmpty('called', called),
    ...unlessEmpty('people', people),
    ...(host.model_calls === 0 ? {} : { model_calls: host.model_calls }),
  };
}

function unlessEmpty(key: string, list: readonly Json[]): JsonMap {
  return list.length === 0 ? {} : { [key]: list };
}

/** Where what came is not exactly what was kept, one sentence for each place. */
export function compareSnapshot(kept: Json, came: Json): string[] {
  const all = differences('snapshot', kept, came);
  if (all.length <= MOST_TOLD) return all;
  return [...all.slice(0, MOST_TOLD), `snapshot: and ${all.length - MOST_TOLD} more differences`];
}

function differences(place: string, kept: Json | undefined, came: Json | undefined): string[] {
  if (isJsonMap(kept) && isJsonMap(came)) {
    const keys = new Set([...Object.keys(kept), ...Object.keys(came)]);
    return [...keys].flatMap((key) => differences(`${place}.${key}`, own(kept, key), own(came, key)));
  }
  if (isList(kept) && isList(came)) {
    const longer = kept.length > came.length ? kept : came;
    return longer.flatMap((_, index) => differences(`${place}[${index}]`, kept[index], came[index]));
  }
  if (kept === came) return [];
  if (kept === undefined) return [`${place}: was not there, and is ${JSON.stringify(came)}`];
  if (came === undefined) return [`${place}: was ${JSON.stringify(kept)}, and is gone`];
  return [`${place}: was ${JSON.stringify(kept)}, and is ${JSON.stringify(came)}`];
}

function own(map: JsonMap, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
