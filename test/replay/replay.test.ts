/**
 * Every stored history, replayed by the workflows of today: it goes through without a difference, and what the run asks on
 * its way (inputs, summaries, times, result) is what it asked when it was recorded.
 *
 * Temporal's replay compares types, ids and order only. What the history itself holds is compared with the history; the
 * inputs of local activities are in none, and are compared with what is stored beside it. `npm run golden:update` writes
 * the latter anew; with `--histories` it records the former.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { PATCHES } from '../../workflows/patches.js';
import { askedOf } from './asked-of-history.js';
import { bundleForReplay, replay, storedHistories, type Replayed } from './replaying.js';
import { STORIES } from './stories.js';

const update = process.env['UPDATE_GOLDEN'] === '1';
const histories = storedHistories();
let code = '';
let replayed = new Map<string, Replayed>();

beforeAll(async () => {
  code = await bundleForReplay();
  replayed = await replay(code, histories);
});

test('every story has its history', () => {
  const names = histories.map(({ name }) => name);
  for (const { name } of STORIES) expect(names).toContain(name);
});

test('every change of replayed behaviour has a history from before it', () => {
  const names = histories.map(({ name }) => name);
  for (const patch of Object.values<string>(PATCHES)) expect(names).toContain(`before-${patch}`);
});

describe.each(histories)('$name', ({ name, history, askedFile }) => {
  test('replays', () => {
    expect(replayed.get(name)?.error).toBeUndefined();
  });

  test('asks what its history says', () => {
    const inHistory = replayed.get(name)?.asked.filter(({ call }) => call !== 'local activity');
    expect(inHistory).toEqual(askedOf(history));
  });

  test('asks what is stored', () => {
    const asked = replayed.get(name)?.asked;
    if (update) writeFileSync(askedFile, `${JSON.stringify(asked, null, 2)}\n`);
    const stored: unknown = existsSync(askedFile)
      ? JSON.parse(readFileSync(askedFile, 'utf8'))
      : 'npm run golden:update';
    expect(asked).toEqual(stored);
  });
});

describe('a change that would go unnoticed is noticed', () => {
  const mutants: readonly [what: string, story: string, from: string, to: string, byReplay: boolean][] = [
    ['another id of activities', 'refund-done-by-rule', 'activityId: call.id,', 'activityId: `${call.id}!`,', true],
    ['another path of undo steps', 'refund-undone', '`${entry.id}.undo`', '`${entry.id}.back`', true],
    ['another form of keys', 'refund-done-by-rule', '.prefix}/${id}`', '.prefix}:${id}`', false],
    ['another key of undo steps', 'refund-undone', '`${entry.key}.undo`', '`${entry.key}.back`', false],
    ['another summary', 'refund-done-by-rule', 'const text = `${id}: ${', 'const text = `${id}! ${', false],
    ['another meaning of an expression', 'refund-done-by-rule', '.slice(-digits)}`', '.slice(-digits)}0`', false],
    ['another account of the run at its end', 'refund-refused', 'outcome: ending.outcome,', "outcome: 'done',", false],
    ['another deadline', 'refund-approved', '+ plan.ends_within_ms', '+ 2 * plan.ends_within_ms', false],
    ['another result', 'refund-refused', 'switch(ending.outcome){', "switch('done'){", false],
  ];

  test.each(mutants)('%s', async (_, story, from, to, byReplay) => {
    // Found exactly once: else the mutant would be none, or another one.
    expect(code.split(from)).toHaveLength(2);
    const one = histories.filter(({ name }) => name === story);
    const changed = (
      await replay(
        code.replace(from, () => to),
        one,
      )
    ).get(story);
    expect(changed?.error !== undefined).toBe(byReplay);
    if (!byReplay) expect(changed?.asked).not.toEqual(replayed.get(story)?.asked);
  });
});
