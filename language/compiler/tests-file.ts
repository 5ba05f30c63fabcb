/**
 * Test files beside a flow (`*.test.yaml`): from text to cases whose names have been checked against the plan.
 *
 * PURE. What the cases mean stands in plan/test-case.ts; interpreter/run-cases.ts runs them. A case without an
 * expectation is a problem, because it could not fail; so is a canned result that its step could never have.
 */
import { parseInstant } from '../expressions/instant.js';
import { isJsonMap } from '../plan/json.js';
import type { JsonMap } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Plan } from '../plan/plan.js';
import { Problems } from '../plan/problem.js';
import type { Problem } from '../plan/problem.js';
import type { Canned, Case, People } from '../plan/test-case.js';
import type { Node } from '../steps/index.js';
import { asJson } from './field-types.js';
import { validateInput } from './input.js';
import { parse } from './parse.js';
import { onePerCause, sortProblems } from './render.js';
import { checkShape } from './shape.js';
import { readCanned, readDuration } from './tests-answers.js';
import { readExpectation } from './tests-expect.js';
import { readMessages, readPeople } from './tests-people.js';
import type { Around } from './tests-results.js';
import { TESTS_SCHEMA } from './tests-schema.js';
import { StepNames } from './tests-steps.js';
import { textOf } from './validate.js';

const DEFAULT_NOW = '2026-01-01T00:00:00Z';

export interface TestFile {
  /** Only those without a problem. */
  readonly cases: readonly Case[];
  readonly problems: readonly Problem[];
}

/** `around` is what the definition was compiled against. Problems: 1xx, 6xx. */
export function parseTests(file: string, text: string, plan: Plan<Node>, around: Around): TestFile {
  const problems = new Problems(file);
  const cases = new TestReader(plan, around, problems).read(text);
  const recoded = problems.all.map((problem): Problem =>
    problem.code.startsWith('FIRN3') ? { ...problem, code: 'FIRN600' } : problem,
  );
  return { cases, problems: sortProblems(onePerCause(recoded)) };
}

/** What holds for each case that does not say otherwise. */
interface Defaults {
  readonly input: JsonMap;
  readonly steps: ReadonlyMap<string, Canned>;
  readonly people: ReadonlyMap<string, People>;
}

class TestReader {
  private readonly plan: Plan<Node>;
  private readonly around: Around;
  private readonly problems: Problems;
  private readonly names: StepNames;

  constructor(plan: Plan<Node>, around: Around, problems: Problems) {
    this.plan = plan;
    this.around = around;
    this.problems = problems;
    this.names = new StepNames(plan, problems);
  }

  read(text: string): readonly Case[] {
    const root = parse(text, this.problems);
    if (root === undefined || !checkShape(root, TESTS_SCHEMA, 'a test file', this.problems)) return [];
    const workflow = get(root, 'workflow');
    if (workflow !== undefined && textOf(workflow) !== this.plan.name) {
      const message = `these are tests of "${textOf(workflow) ?? ''}", but the definition is "${this.plan.name}"`;
      this.problems.error('FIRN600', workflow, message, `write \`workflow: ${this.plan.name}\``);
    }
    const now = this.instant(get(root, 'now')) ?? parseInstant(DEFAULT_NOW) ?? 0;
    const before = this.problems.all.length;
    const defaults = this.defaults(get(root, 'defaults'));
    const usable = this.problems.all.length === before;
    const names = new Set<string>();
    return itemsOf(get(root, 'cases')).flatMap((item) => {
      const found = this.problems.all.length;
      const name = get(item, 'name');
      if (name !== undefined && names.has(textOf(name) ?? '')) {
        this.problems.error('FIRN600', name, `two cases are named "${textOf(name) ?? ''}"`, 'give each its own name');
      }
      names.add(textOf(name) ?? '');
      const read = this.case(item, now, defaults);
      return usable && this.problems.all.length === found ? [read] : [];
    });
  }

  private defaults(parsed: Parsed | undefined): Defaults {
    const input = mapOf(get(parsed, 'input'));
    const steps = new Map<string, Canned>();
    for (const [key, canned] of this.steps(parsed)) steps.set(key, { ...canned, default: true });
    const people = new Map<string, People>();
    for (const [key, one] of this.people(parsed)) people.set(key, asDefault(one));
    return { input, steps, people };
  }

  private case(parsed: Parsed, file_now_ms: number, defaults: Defaults): Case {
    const name = textOf(get(parsed, 'name')) ?? '';
    const now_ms = this.instant(get(parsed, 'now')) ?? file_now_ms;
    const cancel = get(parsed, 'cancel');
    const cancel_ms = cancel === undefined ? undefined : readDuration(cancel, this.problems);
    return {
      name,
      line: parsed.at.line,
      input: this.input(parsed, defaults.input),
      now_ms,
      steps: over(defaults.steps, this.steps(parsed)),
      people: over(defaults.people, this.people(parsed)),
      messages: readMessages(get(parsed, 'messages'), this.plan, now_ms, this.problems),
      ...(cancel_ms === undefined ? {} : { cancel_at_ms: now_ms + cancel_ms }),
      expect: readExpectation(parsed, name, this.names, this.problems),
    };
  }

  private input(parsed: Parsed, given: JsonMap): JsonMap {
    const written = get(parsed, 'input');
    const checked = validateInput(this.plan, { ...given, ...mapOf(written) });
    if (checked.ok) return checked.input;
    for (const problem of checked.problems) this.problems.error('FIRN600', written ?? parsed, problem);
    return {};
  }

  private steps(parsed: Parsed | undefined): ReadonlyMap<string, Canned> {
    return this.byStep(get(parsed, 'steps'), (value, node) => readCanned(value, node, this.around, this.problems));
  }

  private people(parsed: Parsed | undefined): ReadonlyMap<string, People> {
    return this.byStep(get(parsed, 'people'), (value, node) => readPeople(value, node, this.problems));
  }

  private byStep<T>(
    parsed: Parsed | undefined,
    read: (value: Parsed, node: Node) => T | undefined,
  ): ReadonlyMap<string, T> {
    const found = new Map<string, T>();
    for (const { key, keyAt, value } of parsed?.is === 'map' ? parsed.entries : []) {
      const node = this.names.find(key, { at: keyAt, path: value.path, length: key.length });
      const made = node === undefined ? undefined : read(value, node);
      if (made !== undefined) found.set(key, made);
    }
    return found;
  }

  private instant(parsed: Parsed | undefined): number | undefined {
    const text = textOf(parsed);
    const instant_ms = text === undefined ? undefined : parseInstant(text);
    if (parsed !== undefined && instant_ms === undefined) {
      this.problems.error('FIRN600', parsed, `"${text ?? ''}" is no instant`, 'write 2026-03-10T12:00:00Z');
    }
    return instant_ms;
  }
}

function asDefault(people: People): People {
  if (!('in_turn' in people)) return { ...people, default: true };
  return { in_turn: people.in_turn.map((one) => ({ ...one, default: true })) };
}

/** What a case says of a step stands in place of all that the defaults say of it, also of single times in a loop. */
function over<T>(defaults: ReadonlyMap<string, T>, own: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const kept = [...defaults].filter(([key]) => !own.has(key.replace(/\[\d+\]/g, '')));
  return new Map([...kept, ...own]);
}

function itemsOf(parsed: Parsed | undefined): readonly Parsed[] {
  return parsed?.is === 'list' ? parsed.items : [];
}

function mapOf(parsed: Parsed | undefined): JsonMap {
  const value = parsed === undefined ? {} : asJson(parsed);
  return isJsonMap(value) ? value : {};
}
