/**
 * What a test answers to activities: canned where the case says so, else what the world does by itself.
 *
 * PURE. A `create` gives back what it was told to write, a `tell` is delivered, an undo step succeeds, a model abstains;
 * what a `read`, a request, a change or another workflow comes to must be said, because nobody can guess it.
 */
import { Failure } from '../language/plan/failure.js';
import type { ActivityCall, ChildCall, ChildEnd } from '../language/plan/host.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import type { Canned, CannedAnswer } from '../language/plan/test-case.js';
import { instantText } from '../language/steps/bodies.js';
import { CaseProblem, type TestWorld } from './test-world.js';

/** Failures that another attempt may cure: a canned one is followed by the step's next answer, if there is one. */
const PASSING = new Set('unreachable timeout delivery http.408 http.429 http.502 http.503 http.504'.split(' '));

export class TestAnswers {
  private readonly canned: ReadonlyMap<string, Canned>;
  private readonly world: TestWorld;
  private readonly used = new Map<string, number>();

  constructor(canned: ReadonlyMap<string, Canned>, world: TestWorld) {
    this.canned = canned;
    this.world = world;
  }

  /** The next answer of the case for this place; undefined where it says nothing. */
  next(id: string): CannedAnswer | undefined {
    const name = this.nameOf(id);
    const canned = this.canned.get(name);
    if (canned === undefined) return undefined;
    const before = this.used.get(name) ?? 0;
    const answer = canned.answers[canned.use === 'every' ? 0 : before];
    if (answer === undefined) {
      throw new CaseProblem(`"${name}" was called ${before + 1} times, and the case has ${before} answers for it`);
    }
    this.used.set(name, before + 1);
    return answer;
  }

  /** What one attempt comes to; throws the `Failure` that it ends with. */
  answer(call: ActivityCall, canned: CannedAnswer | undefined, now_ms: number): Json {
    if (canned?.is === 'failure') throw failureOf(canned);
    return this.happen(call, canned?.value, now_ms);
  }

  /** Another attempt may help, and the case says what comes of it. */
  goesOn({ id }: ActivityCall, code: string): boolean {
    const name = this.nameOf(id);
    const canned = this.canned.get(name);
    if (!PASSING.has(code) || canned?.use !== 'in_order') return false;
    return (this.used.get(name) ?? 0) < canned.answers.length;
  }

  /** How a called workflow ended; throws the `Failure` that it failed with. */
  child({ id, ticket, detached }: ChildCall, canned: CannedAnswer | undefined): ChildEnd {
    if (canned?.is === 'failure') throw failureOf(canned);
    if (detached) return { ended: 'started', ticket };
    if (canned === undefined) throw unsaid(id, 'call', 'how the called workflow ends', '{ ended: done, output: {…} }');
    const { value } = canned;
    const { ended, output, reason } = isJsonMap(value) ? value : {};
    if (ended === 'refused') return { ended, ticket, reason: typeof reason === 'string' ? reason : '' };
    if (ended === 'done') return { ended, ticket, output: isJsonMap(output) ? output : {} };
    throw new CaseProblem(`"${id}" cannot end with ${JSON.stringify(value)}: \`ended\` is done or refused`);
  }

  /** A message to another run; throws the `Failure` that the case lets it have. */
  send(id: string): void {
    const canned = this.next(id);
    if (canned?.is === 'failure') throw failureOf(canned);
  }

  /** Answers of the case that no call asked for, one sentence for each step. */
  unused(): string[] {
    return [...this.canned].flatMap(([name, { use, answers, default: shared }]) => {
      const used = this.used.get(name) ?? 0;
      if (shared === true || used >= (use === 'every' ? 1 : answers.length)) return [];
      const had = answers.length === 1 ? 'an answer' : `${answers.length} answers`;
      const asked = used === 0 ? 'no call asked for it' : `${used === 1 ? 'one call' : `${used} calls`} asked for one`;
      return [`steps.${name}: the case has ${had} for it, and ${asked}: take out what is not used`];
    });
  }

  /** A case may name one time that a step runs in a loop (`remind[3]`), or the step. */
  private nameOf(id: string): string {
    return this.canned.has(id) ? id : plainPath(id);
  }

  private happen(call: ActivityCall, value: Json | undefined, now_ms: number): Json {
    const { type, id, input, write } = call;
    if (type === 'decide') return decideAnswer(id, input, value ?? null);
    if (type === 'tell') return this.world.effect(type, id, input, () => this.deliver(id, input, now_ms));
    if (type === 'http') checkStatus(id, input, value);
    if (write) return this.world.effect(type, id, input, () => this.written(call, value));
    if (value !== undefined) return value;
    throw unsaid(id, type, 'what it finds', EXAMPLES[type]);
  }

  private deliver(step: string, input: JsonMap, now_ms: number): Json {
    const { who, to, subject, text } = input;
    this.world.messages.push({
      step,
      who: typeof who === 'string' ? who : '',
      to: typeof to === 'string' ? to : null,
      subject: typeof subject === 'string' ? subject : null,
      text: typeof text === 'string' ? text : '',
    });
    return { at: instantText(now_ms) };
  }

  /** The row as the database would hold it: what was written stands there unless the case says something else. */
  private written({ type, id, input }: ActivityCall, value: Json | undefined): Json {
    const { in: table, rows, many, set } = input;
    if (type === 'create' && typeof table === 'string' && Array.isArray(rows)) {
      const given: readonly Json[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
      if (many === true && given.length > 0 && given.length !== rows.length) {
        throw new CaseProblem(`"${id}" writes ${rows.length} rows, and the case has ${given.length} for it`);
      }
      const stored = rows.map((row: Json, index) => {
        const added = given[index];
        if (!isJsonMap(row)) return row;
        return isJsonMap(added) ? { ...row, ...added } : this.world.stored(table, row);
      });
      return many === true ? stored : (stored[0] ?? {});
    }
    if (type === 'update' && isJsonMap(value) && isJsonMap(set) && Object.keys(value).length > 0) {
      return { ...set, ...value };
    }
    if (value !== undefined) return value;
    if (id.endsWith('.undo')) return {};
    throw unsaid(id, type, UNKNOWN_EFFECTS[type] ?? 'which row it changes', EXAMPLES[type]);
  }
}

const EXAMPLES: Readonly<Record<string, string>> = {
  read: '{ id: A-1 }',
  list: '[{ id: A-1 }]',
  update: '{ id: A-1 }',
  delete: '{ id: A-1 }',
  http: '{ body: {…} }',
  sql: '[{ n: 1 }], or { count: 1 } of a statement that gives no rows',
};
const UNKNOWN_EFFECTS: Readonly<Record<string, string>> = {
  sql: 'what comes of it',
  http: 'what it is answered with',
  use: 'what it gives',
};

function unsaid(id: string, verb: string, what: string, example = '{ … }'): CaseProblem {
  return new CaseProblem(
    `"${id}" (${verb}) was reached, and the case does not say ${what}: add it under \`steps\`, as in \`${plainPath(id)}: ${example}\``,
  );
}

function failureOf({ code, message }: Extract<CannedAnswer, { is: 'failure' }>): Failure {
  return new Failure(code, message ?? `the case lets it fail with ${code}`);
}

/** A canned status that the step does not expect is the failure that it would be. */
function checkStatus(id: string, { expect }: JsonMap, value: Json | undefined): void {
  if (!isJsonMap(value) || !Array.isArray(expect)) return;
  const { status } = value;
  if (typeof status !== 'number') return;
  const listed: readonly Json[] = expect;
  if (listed.includes(String(status)) || listed.includes(`${Math.trunc(status / 100)}xx`)) return;
  throw new Failure(`http.${status}`, `"${id}" was answered with status ${status}`);
}

/** Questions that a `decide` call puts to a model: 1, or none for an empty text. */
export function modelCalls(input: JsonMap): number {
  const { about } = input;
  return typeof about === 'string' && about.trim() !== '' ? 1 : 0;
}

function decideAnswer(id: string, input: JsonMap, canned: Json): Json {
  const { question } = input;
  const model_calls = modelCalls(input);
  const given = isJsonMap(canned) ? canned : { answer: canned };
  const { answer } = given;
  if (typeof answer !== 'string') {
    return { answer: null, by: 'nobody', probability: null, why: 'the case has no answer', proposals: [], model_calls };
  }
  const listed = isJsonMap(question) && Array.isArray(question['answers']) ? question['answers'] : [];
  const answers = listed.flatMap((entry: Json) =>
    isJsonMap(entry) && typeof entry['answer'] === 'string' ? [entry['answer']] : [],
  );
  if (!answers.includes(answer)) {
    throw new CaseProblem(`"${id}" cannot be answered "${answer}"; its answers are: ${answers.join(', ')}`);
  }
  const probability = typeof given['probability'] === 'number' ? given['probability'] : 1;
  const by = typeof given['by'] === 'string' ? given['by'] : 'encoder';
  return { answer, by, probability, why: 'the case says so', proposals: [{ answer, probability }], model_calls };
}

/** `remind[3]` -> `remind`: what a case says of a step holds for each time that it runs. */
export function plainPath(id: string): string {
  return id.replace(/\[\d+\]/g, '');
}
