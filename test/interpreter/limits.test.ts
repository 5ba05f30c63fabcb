/** Limits: nothing is cut, and the failure names what is large. */
import { describe, expect, it } from 'vitest';
import { RESULT_LIMIT, STEP_LIMIT, tooLarge } from '../../interpreter/limits.js';
import { interpret } from '../../interpreter/interpret.js';
import { start } from '../../interpreter/state.js';
import { TestHost } from '../../interpreter/test-host.js';
import { jsonSize, type Json } from '../../language/plan/json.js';
import { kindOf } from '../../language/steps/index.js';
import { Draft } from './plans.js';
import { idle, always, NOW, run } from './running.js';

const LONG = 'x'.repeat(RESULT_LIMIT);

describe('a result that is too large', () => {
  it('fails its step, and what it did is undone', async () => {
    const d = new Draft('one');
    const { ending, state } = await run(d.plan([d.undoable('one', { note: LONG })]), new Map());
    expect(ending).toMatchObject({
      outcome: 'handed_over',
      code: 'result_too_large',
      step: 'one',
      undo: [{ status: 'undone' }],
    });
    expect(ending.reason).toBe(
      'one: the result has 262,162 characters as JSON, and one result may have 262,144. Most of it is "note" (262,146). ' +
        'Take fewer rows or columns, or keep the value elsewhere and pass its key',
    );
    expect(state.slots[2]).toBeNull();
  });

  it('may be that only together with the others', async () => {
    const d = new Draft('a', 'b', 'c', 'd', 'e');
    const row = { text: 'x'.repeat(RESULT_LIMIT - 20) };
    const steps = ['a', 'b', 'c', 'd', 'e'].map((id) => d.read(id));
    const { ending, state } = await run(d.plan(steps), always({ a: row, b: { n: 1 }, c: row, d: row, e: row }));
    expect(state.path).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(ending.outcome).toBe('done');
    const more = await run(d.plan(steps), always({ a: row, b: row, c: row, d: row, e: row }), { input: { text: 'z' } });
    expect(more.ending).toMatchObject({ code: 'result_too_large', step: 'e' });
    expect(more.ending.reason).toMatch(
      /the results of the run have 1,310,\d+ characters as JSON together, and may have 1,048,576/,
    );
    expect(more.ending.reason).toMatch(/The largest are "a" \(262,\d+\), "b"/);
  });

  const rows: Json = Array.from({ length: 100 }, (_, id) => ({ id, text: 'x'.repeat(4000) }));
  it.each<[string, Json, string]>([
    ['one field', { a: 1, b: LONG }, 'Most of it is "b" (262,146)'],
    ['deep', { a: { rows: [{ id: 1, body: LONG }] } }, 'Most of it is "a.rows[0].body" (262,146)'],
    ['many rows', rows, 'It is a list of 100 items of about the same size'],
    ['rows in a field', { status: 200, body: rows }, 'Most of it is "body"'],
    ['a text', LONG, 'No single field is most of it'],
    [
      'many fields',
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, 'x'.repeat(4000)])),
      'No single field',
    ],
  ])('says what is large: %s', (_, result, said) => {
    expect(tooLarge('s', result, jsonSize(result), 0, () => [])?.message).toContain(said);
  });
});

it('a run may start 100,000 steps', async () => {
  const d = new Draft('a');
  const plan = d.plan([d.set('a', { n: 1 })]);
  const state = start(plan, {}, { ticket: 'T', first_run_id: 'r', started_at_ms: NOW });
  state.steps = STEP_LIMIT - 1;
  const host = new TestHost({ now_ms: NOW, idle });
  expect(await host.run(() => interpret(plan, structuredClone(state), host, kindOf))).toMatchObject({
    outcome: 'done',
  });
  state.steps = STEP_LIMIT;
  expect(await host.run(() => interpret(plan, state, host, kindOf))).toMatchObject({
    outcome: 'handed_over',
    code: 'too_many_steps',
    reason: 'a: the run has started 100000 steps, and a run may start no more',
  });
});
