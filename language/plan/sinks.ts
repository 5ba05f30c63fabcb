/**
 * Sinks: the places where a value chooses who is told, or how long a run waits. A date to wait for is data like any other,
 * and so is the person who asked for something and may not decide it.
 *
 * PURE. Only what the definition, a trusted column or a person wrote may stand there. What else chooses where something
 * goes (tables, columns, statements, hosts, the structure of a path, roles, workflows, tools, retries) is literal by
 * construction. Checked when a definition is compiled, with the way that the value took (steps/check-sink.ts), and again
 * where it would act (interpreter/sinks.ts).
 */
import type { Value } from './plan.js';
import { SLOT_RUN } from './plan.js';
import type { Label } from './types.js';

interface Place {
  readonly what: string;
  readonly nobody: string;
  readonly allowed: readonly Label[];
}

const CLEAN: readonly Label[] = ['definition', 'trusted', 'person'];

export const SINKS = {
  'tell.to': { what: 'address', nobody: 'who is told', allowed: CLEAN },
  'send.to': { what: 'ticket', nobody: 'which run is sent to', allowed: [...CLEAN, 'record'] },
  'wait.for': { what: 'time', nobody: 'how long the run waits', allowed: CLEAN },
} as const satisfies Readonly<Record<string, Place>>;

export type Sink = keyof typeof SINKS;

/** Whether a value with this label may stand there. A run may always send to itself. */
export function mayReach(sink: Sink, label: Label, value: Value): boolean {
  const allowed: readonly Label[] = SINKS[sink].allowed;
  return allowed.includes(label) || (sink === 'send.to' && isOwnTicket(value));
}

function isOwnTicket(value: Value): boolean {
  if (value.is !== 'expression') return false;
  const { cel, names } = value.expression;
  return cel === 'run.ticket' && names.length === 1 && names[0]?.slot === SLOT_RUN;
}
