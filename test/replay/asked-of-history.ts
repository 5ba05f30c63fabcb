/**
 * What a run asked of Temporal, read out of its history. Not a test itself.
 */
import { isJson, isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';
import type { Asked } from './asked.js';

export function askedOf(history: JsonMap): Asked[] {
  return list(history['events']).flatMap((event) => {
    const summary = payload(at(event, 'userMetadata', 'summary'));
    const asked = askedIn(event, typeof summary === 'string' ? summary : '');
    return asked === undefined ? [] : [asked];
  });
}

function askedIn(event: Json, summary: string): Asked | undefined {
  const activity = at(event, 'activityTaskScheduledEventAttributes');
  if (activity !== undefined) {
    const input = payload(list(at(activity, 'input', 'payloads'))[0]);
    return {
      call: 'activity',
      type: text(at(activity, 'activityType', 'name')),
      id: text(at(activity, 'activityId')),
      summary,
      input,
    };
  }
  const timer = at(event, 'timerStartedEventAttributes');
  if (timer !== undefined)
    return { call: 'timer', summary, ms: Number.parseFloat(text(at(timer, 'startToFireTimeout'))) * 1_000 };
  const done = at(event, 'workflowExecutionCompletedEventAttributes');
  if (done !== undefined) return { call: 'end', result: payload(list(at(done, 'result', 'payloads'))[0]) };
  const failed = at(event, 'workflowExecutionFailedEventAttributes', 'failure');
  if (failed !== undefined) {
    const failure = text(at(failed, 'applicationFailureInfo', 'type'));
    return { call: 'end', failure, message: text(at(failed, 'message')) };
  }
  return at(event, 'workflowExecutionCanceledEventAttributes') === undefined
    ? undefined
    : { call: 'end', failure: 'CancelledFailure', message: 'the run was cancelled' };
}

function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => (isJsonMap(inner) ? inner[key] : undefined), value);
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value.map((item: Json) => item) : [];
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** JSON in base64, as Temporal keeps it. */
function payload(value: Json | undefined): Json {
  const data = at(value, 'data');
  const json: unknown = data === undefined ? null : JSON.parse(Buffer.from(text(data), 'base64').toString('utf8'));
  if (!isJson(json)) throw new Error('a payload of a run is JSON');
  return json;
}
