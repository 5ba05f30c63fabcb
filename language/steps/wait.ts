/**
 * `wait`: lets time pass.
 *
 * PURE. The time is a timer of the host: a run that waits for days uses nothing meanwhile.
 */
import { parseInstant } from '../expressions/instant.js';
import { PRIVATE } from '../expressions/private.js';
import { isJsonMap } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import { formatDuration } from '../plan/duration.js';
import type { Expression, NodeBase } from '../plan/plan.js';
import { DURATION, TIMESTAMP, mapOf } from '../plan/types.js';
import { instantText, isExpression, textOf } from './bodies.js';
import type { CompileContext, StepHost, StepKind } from './kind.js';
import { checkSink } from './check-sink.js';

export interface WaitNode extends NodeBase {
  readonly verb: 'wait';
  readonly how: 'for' | 'until';
  /** A literal: a duration in milliseconds, or an instant in epoch milliseconds. */
  readonly literal_ms?: number;
  readonly computed?: Expression;
}

export const wait: StepKind<'wait', WaitNode> = {
  verb: 'wait',
  about: 'Waits for a time, or until an instant; an instant that has passed does not wait.',
  result: '`{at}`: the instant at which the run went on.',
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      for: { type: 'string', minLength: 1, description: 'a duration, like 30m or 2d, or an expression that gives one' },
      until: {
        type: 'string',
        minLength: 1,
        description: 'an instant, like 2026-03-01T09:00:00Z, or an expression that gives one',
      },
    },
    additionalProperties: false,
  },
  example: `- id: pause
  wait: { for: 30m }
`,
  compile(body, context) {
    const span = get(body, 'for');
    const until = get(body, 'until');
    const time = span === undefined ? undefined : compileFor(span, context);
    const instant = until === undefined ? undefined : compileUntil(until, context);
    if ((span === undefined) === (until === undefined)) {
      const message = span === undefined ? '`wait` does not say how long' : '`for` and `until` stand side by side';
      const hint = 'give `for` a duration like 30m, or `until` an instant';
      context.error(span === undefined ? 'FIRN302' : 'FIRN300', body, message, hint);
      return undefined;
    }
    const found = time ?? instant;
    if (found === undefined) return undefined;
    const node = { verb: 'wait', how: span === undefined ? 'until' : 'for', ...found } as const;
    return { node, type: mapOf({ at: TIMESTAMP }), label: 'definition', silent: true };
  },
  async run(node, host) {
    const until_ms = node.how === 'for' ? host.now() + Math.max(0, timeOf(node, host)) : timeOf(node, host);
    const until = node.computed?.private === true ? PRIVATE : instantText(until_ms);
    await host.sleep(until_ms, `wait until ${until}`);
    return { kind: 'value', value: { at: instantText(host.now()) } };
  },
  summarize(node) {
    const time = node.literal_ms;
    if (time === undefined) return `wait ${node.how} ${node.computed?.source ?? ''}`;
    return node.how === 'for' ? `wait ${formatDuration(time)}` : `wait until ${instantText(time)}`;
  },
  say: (result) => (isJsonMap(result) && typeof result['at'] === 'string' ? `until ${result['at']}` : ''),
};

function timeOf(node: WaitNode, host: StepHost): number {
  if (node.literal_ms !== undefined) return node.literal_ms;
  if (node.computed !== undefined) {
    const computed = { is: 'expression', expression: node.computed } as const;
    const value = node.how === 'for' ? host.evaluateSink(computed, 'wait.for') : host.evaluate(computed);
    const time_ms = typeof value === 'string' ? parseInstant(value) : value;
    if (typeof time_ms === 'number') return time_ms;
  }
  throw new Error(`the step ${node.path} waits for nothing: this is a bug in Firn's compiler`);
}

type Time = Pick<WaitNode, 'literal_ms' | 'computed'>;

function compileFor(parsed: Parsed, context: CompileContext): Time | undefined {
  if (isExpression(parsed)) {
    const compiled = context.expression(parsed, DURATION);
    if (compiled !== undefined) checkSink(parsed, compiled, 'wait.for', context);
    return compiled === undefined ? undefined : { computed: compiled.expression };
  }
  const literal_ms = context.duration(parsed);
  return literal_ms === undefined ? undefined : { literal_ms };
}

function compileUntil(parsed: Parsed, context: CompileContext): Time | undefined {
  if (isExpression(parsed)) {
    const compiled = context.expression(parsed, TIMESTAMP);
    return compiled === undefined ? undefined : { computed: compiled.expression };
  }
  const text = textOf(parsed);
  if (text === undefined) return undefined;
  const literal_ms = parseInstant(text);
  if (literal_ms !== undefined) return { literal_ms };
  const hint = 'write it in full, like 2026-03-01T09:00:00Z, or as `${{ … }}`; a time from now on is `for: 30m`';
  context.error('FIRN300', parsed, `"${text}" is not an instant`, hint);
  return undefined;
}
