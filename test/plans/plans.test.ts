/**
 * The plan of every shipped definition, byte for byte: what a change of the compiler does to plans is looked at before it
 * is committed. `npm run golden:update` writes them anew.
 */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileDefinitions } from '../../setup/definitions.js';
import { withActivities } from '../../setup/load-activities.js';
import { loadProject } from '../../setup/project.js';

const ROOT = join(import.meta.dirname, '..', '..');
const GOLDEN = /\.plan\.json$/;
const update = process.env['UPDATE_GOLDEN'] === '1';

const { configuration } = await withActivities(loadProject(ROOT, {}));
if (configuration === undefined) throw new Error('firn.yaml cannot be read');
const definitions = compileDefinitions(configuration);

describe('golden plans', () => {
  test('there is one for each shipped definition, and no other', () => {
    const names = definitions.map(({ name }) => `${name}.plan.json`);
    const there = readdirSync(import.meta.dirname).filter((file) => GOLDEN.test(file));
    if (update) for (const file of there.filter((name) => !names.includes(name))) rmSync(join(import.meta.dirname, file));
    else expect(there.sort()).toEqual(names.sort());
    expect(names.length).toBeGreaterThan(0);
  });

  test.each(definitions)('$name', ({ name, plan }) => {
    const file = join(import.meta.dirname, `${name}.plan.json`);
    const text = `${JSON.stringify(plan, sorted, 2)}\n`;
    if (update) writeFileSync(file, text);
    expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : 'no golden plan: npm run golden:update writes it');
  });
});

/** Keys in the order of the alphabet, so that the order in which the compiler sets them does not matter. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
