/**
 * Refused programs: the shipped definitions with one key or reference dropped, renamed, retyped or moved.
 *
 * Each mutant is refused with a code, at the lines that were changed, next to them or where something refers to what was
 * changed; or it means the same; or it is another valid definition, and then its plan differs in nothing but what the
 * change says. The compiler never throws and never takes long. FIRN_SEED and FIRN_MUTANTS choose others.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { CATALOGUE } from '../../language/plan/catalogue.js';
import type { Problem } from '../../language/plan/problem.js';
import { compile, type Compilation } from '../../language/compiler/compile.js';
import { compileDefinitions } from '../../setup/definitions.js';
import { withActivities } from '../../setup/load-activities.js';
import { loadProject } from '../../setup/project.js';
import { Dice, mutate, type Mutant } from './mutate.js';

const SEED = Number(process.env['FIRN_SEED'] ?? 20_261_122);
const MUTANTS = Number(process.env['FIRN_MUTANTS'] ?? 2_000);
/** More than any definition takes, also on a busy machine. */
const LONGEST_MS = 5_000;

const root = new URL('../../', import.meta.url).pathname;
const { configuration } = await withActivities(loadProject(root, {}));
if (configuration === undefined) throw new Error('firn.yaml cannot be read');
const { project, directory } = configuration;
const compiled = compileDefinitions(configuration);
const byName = new Map(compiled.map(({ name, callee }) => [name, callee]));

type Plan = NonNullable<Compilation['plan']>;
type Verdict = 'refused' | 'the same' | 'another one' | { readonly wrong: string };

function compileMutant(file: string, text: string): Compilation {
  return compile({
    file,
    text,
    project,
    policies: (path) => {
      try {
        return readFileSync(`${directory}/${path}`, 'utf8');
      } catch {
        return undefined;
      }
    },
    callees: (name) => byName.get(name),
  });
}

/** A plan without where it stood, and without what is computed from that. */
function meaning(plan: Plan): string {
  const { hash: _hash, sourceHash: _source, ...rest } = plan;
  return JSON.stringify(rest, (key, value: unknown) => (key === 'line' || key === 'column' ? undefined : value));
}

function judge(original: Plan, source: string, mutant: Mutant, { plan, problems }: Compilation): Verdict {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const uncoded = problems.find(({ code }) => !Object.hasOwn(CATALOGUE, code));
  if (uncoded !== undefined) return { wrong: `a problem without a code: ${JSON.stringify(uncoded)}` };
  if (plan === undefined) {
    if (errors.length === 0) return { wrong: 'neither a plan nor a problem' };
    if (errors.some((problem) => isPlaced(problem, mutant))) return 'refused';
    return { wrong: `refused elsewhere: ${errors.map(({ line, message }) => `${line}: ${message}`).join(' | ')}` };
  }
  const [before, after] = [meaning(original), meaning(plan)];
  if (after === before) return 'the same';
  const { what, name, now } = mutant;
  if (now !== undefined && sameButForNames(before, after, name, now)) return 'the same';
  if (what === 'reorder keys' || what === 'reorder steps') {
    if (partsOf(before) !== partsOf(after)) return { wrong: 'accepted with another meaning' };
    return what === 'reorder keys' ? 'the same' : 'another one';
  }
  if (what === 'rename reference') return { wrong: 'accepted with another meaning' };
  const stray = straying(original, plan, source, mutant);
  return stray === undefined ? 'another one' : { wrong: `accepted, and ${stray} changed with it` };
}

/** The order of branches numbers blocks and slots; what is in them is the same. */
function partsOf(plan: string): string {
  return Array.from(plan.replace(/\d/g, '')).toSorted().join('');
}

function sameButForNames(before: string, after: string, name: string, now: string): boolean {
  return after.replaceAll(now, name) === before.replaceAll(now, name);
}

/** A step that changed although it neither holds the change nor reads what the change is in; undefined where there is none. */
function straying(original: Plan, plan: Plan, source: string, { from, text }: Mutant): string | undefined {
  const ids = new Set([...idsAround(source, from), ...idsAround(text, from)]);
  // In the order of the steps, so that what reads such a step through another one is found too.
  const reads = (node: Plan['nodes'][number]): boolean =>
    [...ids].some((id) => JSON.stringify(node).includes(`"name":"${id}"`));
  for (const node of original.nodes) if (node.id !== undefined && reads(node)) ids.add(node.id);
  const bare = (node: Plan['nodes'][number]): string =>
    JSON.stringify(node, (key, value: unknown) => (key === 'line' || key === 'column' ? undefined : value)).replace(
      /\d/g,
      '',
    );
  const after = new Map(plan.nodes.map((node) => [node.path, bare(node)]));
  const changed = original.nodes.filter((node) => after.get(node.path) !== bare(node));
  const strayed = changed.find((node) => {
    const { line } = node;
    return line !== from && !parentOf(source, from, line) && !parentOf(source, line, from) && !reads(node);
  });
  return strayed?.path;
}

/** Ids of the steps that a line stands in, and of what runs at the same place: the names that its value can be read by. */
function idsAround(text: string, line: number): string[] {
  const lines = text.split('\n');
  return lines.flatMap((written, index) => {
    const id = /^\s*- (?:\{ )?id: ([A-Za-z_]\w*)/.exec(written)?.[1];
    const named = /^\s+id: ([A-Za-z_]\w*)/.exec(written)?.[1];
    const around = index + 1 === line || parentOf(text, line, index + 1);
    return (id ?? named) !== undefined && around ? [id ?? named ?? ''] : [];
  });
}

/** At the change, next to it, or at what refers to it by name. */
function isPlaced(
  { line, message, hint = '', path }: Problem,
  { from, to, name: written, was, text }: Mutant,
): boolean {
  const name = written.replace(/\?$/, '');
  if (line >= from - 1 && line <= to + 1) return true;
  const there = text.split('\n')[line - 1] ?? '';
  const lines = Array.from({ length: to - from + 1 }, (_, index) => `(line ${from + index})`);
  const named = [name, ...(was.match(/\w{2,}/g) ?? []), ...idsAround(text, from), ...lines].some((word) =>
    [message, hint, path, there].some((words) => words.includes(word)),
  );
  return named || parentOf(text, from, line) || inOneStep(text, from, line);
}

/** Both lines belong to the same step, blocks inside it apart. */
function inOneStep(text: string, one: number, other: number): boolean {
  return stepOf(text, one) === stepOf(text, other);
}

/** The line on which the step of a line begins. */
function stepOf(text: string, line: number): number {
  const lines = text.split('\n');
  for (let at = line; at > 0; at -= 1) if (/^\s*- /.test(lines[at - 1] ?? '')) return at;
  return 0;
}

/** The step or map that the change stands in: what is missing is said where it should be. */
function parentOf(text: string, changed: number, line: number): boolean {
  const lines = text.split('\n');
  const indent = (number: number): number => /^\s*/.exec(lines[number - 1] ?? '')?.[0].length ?? 0;
  if (line > changed) return false;
  for (let at = line + 1; at < changed; at += 1) {
    if ((lines[at - 1] ?? '').trim() !== '' && indent(at) <= indent(line)) return false;
  }
  return true;
}

it(`${MUTANTS} mutants of the shipped definitions are refused at the right place, or mean what they say (seed ${SEED})`, () => {
  const dice = new Dice(SEED);
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  let slowest_ms = 0;
  for (let made = 0; made < MUTANTS;) {
    const definition = dice.of(compiled);
    if (definition?.plan === undefined) throw new Error(`${definition?.file ?? 'nothing'} does not compile`);
    const mutant = mutate(definition.source, dice);
    if (mutant === undefined || mutant.text === definition.source) continue;
    made += 1;
    const started = performance.now();
    const verdict = judge(definition.plan, definition.source, mutant, compileMutant(definition.file, mutant.text));
    slowest_ms = Math.max(slowest_ms, performance.now() - started);
    const shown = typeof verdict === 'string' ? verdict : 'wrong';
    const count = `${mutant.what}: ${shown}`;
    counts.set(count, (counts.get(count) ?? 0) + 1);
    if (typeof verdict !== 'string') {
      const lines = mutant.text
        .split('\n')
        .slice(mutant.from - 1, mutant.to)
        .join('\n');
      wrong.push(`${definition.file}:${mutant.from} ${mutant.what} "${mutant.name}": ${verdict.wrong}\n${lines}`);
    }
  }
  const told = [...counts].toSorted().map(([what, count]) => `${what} ${count}`);
  process.stderr.write(`     ${told.join(', ')}; slowest ${Math.round(slowest_ms)} ms\n`);
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(slowest_ms).toBeLessThan(LONGEST_MS);
}, 300_000);
