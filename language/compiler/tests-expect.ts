/**
 * What a case of a test file expects.
 *
 * PURE. The shape has been checked (tests-schema.ts); here names are.
 */
import { isJsonMap } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import { entry, get } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import type { Expectation, ExpectedMessage, ExpectedSent } from '../plan/test-case.js';
import { asJson } from './field-types.js';
import { readDuration } from './tests-answers.js';
import { OUTCOMES } from './tests-schema.js';
import type { StepNames } from './tests-steps.js';
import { textOf } from './validate.js';

/** Problems: FIRN600, FIRN601, FIRN602, FIRN608. */
export function readExpectation(parsed: Parsed, name: string, steps: StepNames, problems: Problems): Expectation {
  const expect = get(parsed, 'expect');
  if (expect?.is !== 'map' || expect.entries.length === 0) {
    const hint = 'add `expect: { outcome: done }`, and what else should hold';
    const place = entry(parsed, 'expect')?.value ?? parsed;
    problems.error('FIRN601', place, `the case "${name}" expects nothing, so it could not fail`, hint);
    return {};
  }
  for (const key of ['path', 'not_run', 'effects', 'undone', 'step']) {
    for (const item of itemsOf(get(expect, key))) {
      const step = textOf(item);
      if (step !== undefined) steps.find(step, item);
    }
  }
  const text = (key: 'reason' | 'code' | 'item' | 'step') => {
    const value = textOf(get(expect, key));
    return value === undefined ? {} : { [key]: value };
  };
  const texts = (key: 'path' | 'not_run' | 'effects' | 'undone') => {
    const list = get(expect, key);
    return list === undefined ? {} : { [key]: itemsOf(list).flatMap((item) => textOf(item) ?? []) };
  };
  const outcome = OUTCOMES.find((known) => known === textOf(get(expect, 'outcome')));
  const [output, calls, took] = [get(expect, 'output'), get(expect, 'model_calls'), get(expect, 'took')];
  const [messages, sent] = [get(expect, 'messages'), get(expect, 'sent')];
  const took_ms = took === undefined ? undefined : readDuration(took, problems);
  return {
    ...(outcome === undefined ? {} : { outcome }),
    ...(output === undefined ? {} : { output: asJson(output) }),
    ...text('reason'),
    ...text('code'),
    ...text('item'),
    ...text('step'),
    ...texts('path'),
    ...texts('not_run'),
    ...texts('effects'),
    ...texts('undone'),
    ...(messages === undefined ? {} : { messages: itemsOf(messages).map(readMessage) }),
    ...(sent === undefined ? {} : { sent: itemsOf(sent).map(readSent) }),
    ...(calls?.is === 'scalar' && typeof calls.value === 'number' ? { model_calls: calls.value } : {}),
    ...(took_ms === undefined ? {} : { took_ms }),
    ...(get(expect, 'snapshot') === undefined ? {} : { snapshot: true }),
  };
}

function itemsOf(parsed: Parsed | undefined): readonly Parsed[] {
  if (parsed === undefined) return [];
  return parsed.is === 'list' ? parsed.items : [parsed];
}

function readMessage(parsed: Parsed): string | ExpectedMessage {
  return textOf(parsed) ?? textsAt(parsed, ['who', 'to', 'subject', 'text']);
}

function readSent(parsed: Parsed): ExpectedSent {
  const written = get(parsed, 'values');
  const values = written === undefined ? undefined : asJson(written);
  return { ...textsAt(parsed, ['to', 'message']), ...(isJsonMap(values) ? { values } : {}) };
}

function textsAt(parsed: Parsed, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = textOf(get(parsed, key));
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
