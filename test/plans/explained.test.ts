/**
 * What `firn explain` says of every shipped definition, and how `firn graph` draws it, byte for byte: what a change does to
 * them is looked at before it is committed. `npm run golden:update` writes them anew.
 */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explain } from '../../language/compiler/explain.js';
import { mermaidOf } from '../../language/compiler/graph-mermaid.js';
import { graphOf } from '../../language/compiler/graph.js';
import { compileDefinitions, type CompiledDefinition } from '../../setup/definitions.js';
import { withActivities } from '../../setup/load-activities.js';
import { loadProject } from '../../setup/project.js';

const ROOT = join(import.meta.dirname, '..', '..');
const GOLDEN = /\.(explain\.txt|mmd)$/;
const update = process.env['UPDATE_GOLDEN'] === '1';

const { configuration } = await withActivities(loadProject(ROOT, {}));
if (configuration === undefined) throw new Error('firn.yaml cannot be read');
const definitions = compileDefinitions(configuration);

/** Without line breaks, so that the width of a terminal does not matter; the version is left out, because plans have it. */
function explained({ name, plan, bounds }: CompiledDefinition): string {
  if (plan === undefined || bounds === undefined) throw new Error(`${name} does not compile`);
  const { title, about, parts } = explain(plan, bounds);
  const lines = parts.flatMap(({ heading, lines: said }) => [
    '',
    heading,
    ...said.map(({ level, mark, text }) => `${'  '.repeat(level + 1)}${mark === '' ? '' : `${mark} `}${text}`),
  ]);
  return `${[title, about.replace(plan.hash.slice(0, 12), '…'), ...lines].join('\n')}\n`;
}

function drawn({ name, plan }: CompiledDefinition): string {
  if (plan === undefined) throw new Error(`${name} does not compile`);
  return mermaidOf(graphOf(plan));
}

function golden(name: string, text: string): void {
  const file = join(import.meta.dirname, name);
  if (update) writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : 'no golden text: npm run golden:update writes it');
}

describe('explained and drawn', () => {
  test('each shipped definition, and no other', () => {
    const names = definitions.flatMap(({ name }) => [`${name}.explain.txt`, `${name}.mmd`]);
    const there = readdirSync(import.meta.dirname).filter((file) => GOLDEN.test(file));
    if (update) for (const file of there.filter((name) => !names.includes(name))) rmSync(join(import.meta.dirname, file));
    else expect(there.sort()).toEqual(names.sort());
  });

  test.each(definitions)('$name explained', (definition) => {
    golden(`${definition.name}.explain.txt`, explained(definition));
  });

  test.each(definitions)('$name drawn', (definition) => {
    golden(`${definition.name}.mmd`, drawn(definition));
  });
});
