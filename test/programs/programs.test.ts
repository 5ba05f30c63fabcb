/**
 * Generated programs: what the interpreter makes of them is what the reference predicts, whatever fails and whenever it
 * continues as new. `FIRN_PROGRAMS` and `FIRN_SEED` choose how many and which; `FIRN_KEEP=name` keeps a difference that is
 * found as a case in regressions/.
 */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe as group, expect, it } from 'vitest';
import { programOf } from './build.js';
import { Figures } from './figures.js';
import { keep, readRegression, REGRESSIONS } from './keep.js';
import { mutants } from './mutants.js';
import { sketches } from './shapes.js';
import { textOf } from './definition.js';
import { attempt, describe } from './trying.js';

const PROGRAMS = Number(process.env['FIRN_PROGRAMS'] ?? 3_000);
const SEED = Number(process.env['FIRN_SEED'] ?? 4);
const MUTANT_PROGRAMS = 500;
/** The longest that one attempt takes; so long that two things hardly ever end in the same millisecond. */
const MOST_MS = 10_000_000;

it(`${PROGRAMS} programs come to what the reference predicts (seed ${SEED})`, { timeout: 600_000 }, async () => {
  const counts = { refused: 0, ambiguous: 0, same: 0, continuations: 0 };
  const outcomes = new Map<string, number>();
  const figures = new Figures();
  let failing: ReturnType<typeof programOf> | undefined;
  const began_ms = performance.now();
  const result = await fc.check(
    fc.asyncProperty(sketches(MOST_MS), async (sketch) => {
      const program = programOf(sketch);
      const tried = await attempt(program);
      if (tried.is === 'different') {
        failing = program;
        throw new Error(describe(program, tried.how));
      }
      counts[tried.is] += 1;
      if (tried.is === 'refused') expect(tried.problems.filter(({ code }) => !/^FIRN\d{3}$/.test(code))).toEqual([]);
      if (tried.is !== 'same') return;
      counts.continuations += tried.continuations;
      figures.add(program);
      outcomes.set(tried.predicted.outcome, (outcomes.get(tried.predicted.outcome) ?? 0) + 1);
    }),
    { numRuns: PROGRAMS, seed: SEED },
  );
  const name = process.env['FIRN_KEEP'];
  if (failing !== undefined && name !== undefined) keep(name, failing, SEED);
  if (result.failed) throw new Error(`seed ${SEED}, program ${result.numRuns}:\n${String(result.errorInstance)}`);
  const per_second = (PROGRAMS * 1000) / (performance.now() - began_ms);
  console.log(`${per_second.toFixed(0)} programs/s`, counts, Object.fromEntries(outcomes));
  console.log(figures.said());
  expect(counts.refused).toBeLessThan(PROGRAMS * 0.05);
  expect(counts.ambiguous).toBeLessThan(PROGRAMS * 0.02);
  expect(counts.continuations).toBeGreaterThan(PROGRAMS / 4);
  for (const outcome of ['done', 'refused', 'failed', 'handed_over', 'cancelled'])
    expect([outcome, outcomes.get(outcome) ?? 0]).toEqual([
      outcome,
      expect.toSatisfy((n: number) => n > PROGRAMS / 200),
    ]);
});

group('differences that were found', () => {
  for (const file of readdirSync(REGRESSIONS).filter((name) => name.endsWith('.json'))) {
    const { program, text, why, seed } = readRegression(file);
    it(`${file.replace('.json', '')}: ${why} (seed ${seed})`, async () => {
      expect(textOf(program.definition)).toBe(text);
      const tried = await attempt(program);
      expect(tried.is === 'different' ? describe(program, tried.how) : tried.is).toBe('same');
    });
  }
});

group('a broken interpreter is found', () => {
  const programs = fc.sample(sketches(MOST_MS), { numRuns: MUTANT_PROGRAMS, seed: SEED }).map(programOf);
  for (const [name, twist] of Object.entries(mutants)) {
    it(`${name}, within ${MUTANT_PROGRAMS} programs`, { timeout: 300_000 }, async () => {
      for (const program of programs) {
        const tried = await attempt(program, twist);
        if (tried.is === 'different') return;
      }
      throw new Error(`no program tells "${name}" from the real one`);
    });
  }
});
