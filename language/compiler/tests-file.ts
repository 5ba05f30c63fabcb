/**
 * Test files beside a flow (`*.test.yaml`): from text to cases whose names have been checked against the plan.
 *
 * PURE. What the cases mean stands in plan/test-case.ts; interpreter/run-cases.ts runs them. A case without an
 * expectation is a problem, because it could not fail.
 */
import { parseInstant } from '../expressions/instant.js';
import { parseDuration } from '../plan/duration.js';
import type { JsonMap } from '../plan/json.js';
import { APPROVED, NONE_OF_THESE, REJECTED } from '../plan/messages.js';
import type { Parsed } from '../plan/parsed.js';
import { entry, get } from '../plan/parsed.js';
import type { Plan } from '../plan/plan.js';
import { Problems } from '../plan/problem.js';
import type { Problem } from '../plan/problem.js';
import type { Canned, CannedAnswer, Case, Expectation, PersonScript } from '../plan/test-case.js';
import type { Node } from '../steps/index.js';
import { reportUnknownName } from './context.js';
import { asJson } from './field-types.js';
import { validateInput } from './input.js';
import { parse } from './parse.js';
import { onePerCause, sortProblems } from './render.js';
import { checkShape } from './shape.js';
import { OUTCOMES, TESTS_SCHEMA } from './tests-schema.js';
import { textOf } from './validate.js';

const DEFAULT_NOW = '2026-01-01T00:00:00Z';

export interface TestFile {
  /** Only those without a problem. */
  readonly cases: readonly Case[];
  readonly problems: readonly Problem[];
}

/** Problems: 1xx, FIRN600-602. */
export function parseTests(file: string, text: string, plan: Plan<Node>): TestFile {
  const problems = new Problems(file);
  const cases = new TestReader(plan, problems).read(text);
  const recoded = problems.all.map((problem): Problem =>
    problem.code.startsWith('FIRN3') ? { ...problem, code: 'FIRN600' } : problem,
  );
  return { cases, problems: sortProblems(onePerCause(recoded)) };
}

class TestReader {
  private readonly plan: Plan<Node>;
  private readonly problems: Problems;
  private readonly nodes: ReadonlyMap<string, Node>;

  constructor(plan: Plan<Node>, problems: Problems) {
    this.plan = plan;
    this.problems = problems;
    this.nodes = new Map(plan.nodes.map((node) => [node.path, node]));
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
    const list = get(root, 'cases');
    const names = new Set<string>();
    return (list?.is === 'list' ? list.items : []).flatMap((item) => {
      const before = this.problems.all.length;
      const name = get(item, 'name');
      if (name !== undefined && names.has(textOf(name) ?? '')) {
        this.problems.error('FIRN600', name, `two cases are named "${textOf(name) ?? ''}"`, 'give each its own name');
      }
      names.add(textOf(name) ?? '');
      const read = this.case(item, now);
      return this.problems.all.length === before ? [read] : [];
    });
  }

  private case(parsed: Parsed, now_ms: number): Case {
    const name = textOf(get(parsed, 'name')) ?? '';
    return {
      name,
      line: parsed.at.line,
      input: this.input(parsed),
      now_ms: this.instant(get(parsed, 'now')) ?? now_ms,
      steps: this.byStep(get(parsed, 'steps'), (value, node) => this.canned(value, node)),
      people: this.byStep(get(parsed, 'people'), (value, node) => this.person(value, node)),
      expect: this.expectation(parsed, name),
    };
  }

  private input(parsed: Parsed): JsonMap {
    const written = get(parsed, 'input');
    const checked = validateInput(this.plan, written === undefined ? {} : asJson(written));
    if (checked.ok) return checked.input;
    for (const problem of checked.problems) this.problems.error('FIRN600', written ?? parsed, problem);
    return {};
  }

  private byStep<T>(
    parsed: Parsed | undefined,
    read: (value: Parsed, node: Node) => T | undefined,
  ): ReadonlyMap<string, T> {
    const found = new Map<string, T>();
    for (const { key, keyAt, value } of parsed?.is === 'map' ? parsed.entries : []) {
      const node = this.nodes.get(key);
      if (node === undefined) this.unknownStep(key, { at: keyAt, path: value.path, length: key.length });
      const made = node === undefined ? undefined : read(value, node);
      if (made !== undefined) found.set(key, made);
    }
    return found;
  }

  private unknownStep(name: string, place: Parameters<Problems['error']>[1]): void {
    reportUnknownName(this.problems, 'FIRN602', place, 'step', name, this.nodes.keys());
  }

  /** A list is one answer per call; for a step whose result is a list, only a list of lists and failures is. */
  private canned(parsed: Parsed, node: Node): Canned | undefined {
    const each = parsed.is === 'list' && (node.list !== true || isPerCall(parsed.items));
    const written = parsed.is === 'list' && each ? parsed.items : [parsed];
    const answers = written.flatMap((item) => this.answer(item, node) ?? []);
    return { use: each ? 'in_order' : 'every', answers };
  }

  private answer(parsed: Parsed, node: Node): CannedAnswer | undefined {
    const fail = get(parsed, 'fail');
    if (fail !== undefined) {
      const code = textOf(fail);
      const message = textOf(get(parsed, 'message'));
      if (code === undefined) {
        this.problems.error('FIRN600', fail, '`fail` names a failure, as in `{ fail: not_found }`');
        return undefined;
      }
      return { is: 'failure', code, ...(message === undefined ? {} : { message }) };
    }
    if (node.verb !== 'decide') return { is: 'result', value: asJson(parsed) };
    const abstain = get(parsed, 'abstain');
    if (abstain !== undefined) return { is: 'result', value: null };
    const given = parsed.is === 'map' ? get(parsed, 'answer') : parsed;
    this.checkAnswer(
      given ?? parsed,
      node.answers.map(({ answer }) => answer),
    );
    return { is: 'result', value: asJson(parsed) };
  }

  private checkAnswer(parsed: Parsed, answers: readonly string[]): void {
    const answer = textOf(parsed);
    if (answer !== undefined && answers.includes(answer)) return;
    const shown = answer ?? 'this';
    reportUnknownName(this.problems, 'FIRN600', parsed, 'answer', shown, answers);
  }

  private person(parsed: Parsed, node: Node): PersonScript | undefined {
    const decision = this.decision(parsed, node);
    const after = get(parsed, 'after');
    const written = textOf(after);
    const after_ms = written === undefined ? 0 : parseDuration(written);
    if (after !== undefined && after_ms === undefined) {
      this.problems.error('FIRN600', after, `"${written ?? ''}" is no duration`, 'a duration reads 30s, 15m, 2h or 5d');
    }
    if (decision === undefined) return undefined;
    const by = textOf(get(parsed, 'by'));
    const comment = textOf(get(parsed, 'comment'));
    return {
      decision,
      ...(by === undefined ? {} : { by }),
      ...(comment === undefined ? {} : { comment }),
      after_ms: after_ms ?? 0,
    };
  }

  private decision(parsed: Parsed, node: Node): string | undefined {
    const [approve, answer] = [get(parsed, 'approve'), get(parsed, 'answer')];
    if (node.verb === 'approve') {
      if (approve?.is === 'scalar') return approve.value === true ? APPROVED : REJECTED;
      this.problems.error(
        'FIRN600',
        parsed,
        `"${node.path}" waits for a yes or no`,
        'write `approve: true` or `approve: false`',
      );
      return undefined;
    }
    if (node.verb === 'decide') {
      if (answer !== undefined)
        this.checkAnswer(answer, [...node.answers.map((listed) => listed.answer), NONE_OF_THESE]);
      else this.problems.error('FIRN600', parsed, `"${node.path}" waits for an answer`, 'write `answer: …`');
      return textOf(answer);
    }
    this.problems.error('FIRN600', parsed, `no person is asked by "${node.path}", which is a \`${node.verb}\``);
    return undefined;
  }

  private expectation(parsed: Parsed, name: string): Expectation {
    const expect = get(parsed, 'expect');
    if (expect?.is !== 'map' || expect.entries.length === 0) {
      const hint = 'add `expect: { outcome: done }`, and what else should hold';
      this.problems.error(
        'FIRN601',
        entry(parsed, 'expect')?.value ?? parsed,
        `the case "${name}" expects nothing, so it could not fail`,
        hint,
      );
      return {};
    }
    for (const key of ['path', 'effects', 'undone']) {
      const list = get(expect, key);
      for (const item of list?.is === 'list' ? list.items : []) {
        const step = textOf(item);
        if (step !== undefined && !this.nodes.has(step)) this.unknownStep(step, item);
      }
    }
    const text = (key: 'reason' | 'code' | 'item') => {
      const value = textOf(get(expect, key));
      return value === undefined ? {} : { [key]: value };
    };
    const texts = (key: 'path' | 'messages' | 'effects' | 'undone') => {
      const list = get(expect, key);
      return list?.is === 'list' ? { [key]: list.items.flatMap((item) => textOf(item) ?? []) } : {};
    };
    const outcome = OUTCOMES.find((known) => known === textOf(get(expect, 'outcome')));
    const output = get(expect, 'output');
    const calls = get(expect, 'model_calls');
    return {
      ...(outcome === undefined ? {} : { outcome }),
      ...(output === undefined ? {} : { output: asJson(output) }),
      ...text('reason'),
      ...text('code'),
      ...text('item'),
      ...texts('path'),
      ...texts('messages'),
      ...texts('effects'),
      ...texts('undone'),
      ...(calls?.is === 'scalar' && typeof calls.value === 'number' ? { model_calls: calls.value } : {}),
    };
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

function isPerCall(items: readonly Parsed[]): boolean {
  return items.length > 0 && items.every((item) => item.is === 'list' || get(item, 'fail') !== undefined);
}
