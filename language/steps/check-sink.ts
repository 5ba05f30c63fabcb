/**
 * What may stand in a sink, as problems of the definition: with the writer, and the way that the value took.
 *
 * PURE.
 */
import { undeclared } from '../expressions/check.js';
import type { Parsed } from '../plan/parsed.js';
import type { Value } from '../plan/plan.js';
import { mayReach, SINKS } from '../plan/sinks.js';
import type { Sink } from '../plan/sinks.js';
import type { Label } from '../plan/types.js';
import type { CompileContext, CompiledExpression, CompiledValue } from './kind.js';
import { describeSource, wayOf } from './sources.js';

/** Problems: FIRN407 for recipients, FIRN450 for the others, FIRN456. */
export function checkSink(
  place: Parsed,
  compiled: CompiledValue | CompiledExpression,
  sink: Sink,
  context: CompileContext,
): void {
  const { type, label, unknown } = compiled;
  if (type.kind === 'any' && unknown !== undefined) context.warning('FIRN456', place, ...undeclared(unknown));
  if (mayReach(sink, label, valueOf(compiled))) return;
  const { what, nobody } = SINKS[sink];
  const message = `this ${what} is ${describeSource(compiled)} (${wayOf(compiled, sink)}); nobody outside may choose ${nobody}`;
  context.error(sink === 'tell.to' ? 'FIRN407' : 'FIRN450', place, message, hintFor(what, label));
}

function valueOf(compiled: CompiledValue | CompiledExpression): Value {
  return 'value' in compiled ? compiled.value : { is: 'expression', expression: compiled.expression };
}

function hintFor(what: string, label: Label): string {
  if (label === 'record') {
    return 'if no flow writes that column from outside, list it under `trusted` of its connection in firn.yaml';
  }
  const from = `take the ${what} from a column that is listed under \`trusted\` of its connection in firn.yaml, or from a policy`;
  return what === 'address' ? from : `${from}, or choose among values of the definition with \`?:\``;
}
