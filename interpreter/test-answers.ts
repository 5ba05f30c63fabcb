/**
 * What a test answers to activities: canned where the case says so, else what the world does by itself.
 *
 * PURE. A `create` gives back what it was told to write, a `tell` is delivered, an undo step succeeds, a model abstains;
 * what a `read`, `list`, `update` or `delete` finds must be said, because nobody can guess it.
 */
import { Failure } from '../language/plan/failure.js';
import type { ActivityCall } from '../language/plan/host.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import type { Canned, CannedAnswer } from '../language/plan/test-case.js';
import { instantText } from '../language/steps/bodies.js';
import type { TestWorld } from './test-world.js';

/** The case itself is wrong or incomplete; no failure of the run. */
export class CaseProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CaseProblem';
  }
}

/** Failures that another attempt may cure: a canned one is followed by the step's next answer, if there is one. */
const PASSING = new Set(['unreachable', 'timeout', 'delivery']);

export class TestAnswers {
  private readonly canned: ReadonlyMap<string, Canned>;
  private readonly world: TestWorld;
  private readonly used = new Map<string, number>();

  constructor(canned: ReadonlyMap<string, Canned>, world: TestWorld) {
    this.canned = canned;
    this.world = world;
  }

  /** What one call comes to, its attempts included; throws the `Failure` that the last attempt ends with. */
  answer(call: ActivityCall, now_ms: number): Json {
    for (;;) {
      const canned = this.next(call);
      if (canned?.is !== 'failure') return this.happen(call, canned?.value, now_ms);
      const { code, message } = canned;
      if (!PASSING.has(code) || !this.hasMore(call))
        throw new Failure(code, message ?? `the case lets it fail with ${code}`);
    }
  }

  private next(call: ActivityCall): CannedAnswer | undefined {
    const canned = this.canned.get(call.id);
    if (canned === undefined) return undefined;
    const place = canned.use === 'every' ? 0 : (this.used.get(call.id) ?? 0);
    const answer = canned.answers[place];
    if (answer === undefined) {
      throw new CaseProblem(`"${call.id}" was called ${place + 1} times, and the case has ${place} answers for it`);
    }
    this.used.set(call.id, place + 1);
    return answer;
  }

  private hasMore(call: ActivityCall): boolean {
    const canned = this.canned.get(call.id);
    return canned?.use === 'in_order' && (this.used.get(call.id) ?? 0) < canned.answers.length;
  }

  private happen(call: ActivityCall, value: Json | undefined, now_ms: number): Json {
    const { type, id, input } = call;
    if (type === 'decide') return decideAnswer(id, input, value ?? null);
    if (type === 'tell') return this.world.effect(type, id, input, () => this.deliver(id, input, now_ms));
    if (typeof input['key'] === 'string') return this.world.effect(type, id, input, () => value ?? this.written(call));
    if (value !== undefined) return value;
    throw new CaseProblem(
      `"${id}" (${type}) was reached, and the case does not say what it finds: add it under \`steps\``,
    );
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

  private written({ type, id, input }: ActivityCall): Json {
    const { in: table, rows, many } = input;
    if (type === 'create' && typeof table === 'string' && Array.isArray(rows)) {
      const stored = rows.map((row: Json) => (isJsonMap(row) ? this.world.stored(table, row) : row));
      return many === true ? stored : (stored[0] ?? {});
    }
    if (id.endsWith('.undo')) return {};
    throw new CaseProblem(
      `"${id}" (${type}) was reached, and the case does not say which row it changes: add it under \`steps\``,
    );
  }
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
