/**
 * Messages that come for a run: kept from the first moment on, until a step takes them.
 *
 * SANDBOX. A message can come with the start, before the plan is there; then it waits here. Only messages that some step
 * of the plan receives are kept, and no more than a run may hold.
 */
import { MESSAGE_LIMIT } from '../interpreter/limits.js';
import { conform } from '../language/expressions/conform.js';
import type { ReceivedMessage } from '../language/plan/host.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import type { Plan } from '../language/plan/plan.js';
import type { Node } from '../language/steps/index.js';
import type { Clock } from './clock.js';

export class Inbox {
  private readonly clock: Clock;
  private readonly early: ReceivedMessage[] = [];
  private kept: ReceivedMessage[] | undefined;
  /** JSON Schemas of the fields that the plan's steps want, by message. */
  private wanted: ReadonlyMap<string, readonly JsonMap[]> | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The plan is there: from now on messages go into the run's state. */
  open(plan: Plan<Node>, kept: ReceivedMessage[]): void {
    const wanted = new Map<string, readonly JsonMap[]>();
    for (const node of plan.nodes) {
      if (node.verb === 'receive') wanted.set(node.message, [...(wanted.get(node.message) ?? []), node.fields]);
    }
    this.wanted = wanted;
    this.kept = kept;
    for (const message of this.early.splice(0)) this.keep(message);
  }

  /** Why no step could take it, or undefined; before the plan is there, nobody knows. */
  refusal(name: string, values: JsonMap): string | undefined {
    const unknown = this.unknown(name);
    if (unknown !== undefined || this.wanted === undefined) return unknown;
    const wrong = (this.wanted.get(name) ?? []).map((fields) => conform(fields, values, name));
    return wrong.includes(undefined) ? undefined : wrong[0];
  }

  /** Why it is not kept, or undefined. */
  deliver(name: string, values: Json): string | undefined {
    if (!isJsonMap(values)) return `"${name}" carries no JSON object`;
    return this.keep({ name, values, at_ms: this.clock.now() });
  }

  private keep(message: ReceivedMessage): string | undefined {
    const list = this.kept ?? this.early;
    if (list.length >= MESSAGE_LIMIT) return `${MESSAGE_LIMIT} messages wait already`;
    const unknown = this.unknown(message.name);
    if (unknown !== undefined) return unknown;
    list.push(message);
    return undefined;
  }

  private unknown(name: string): string | undefined {
    if (this.wanted === undefined || this.wanted.has(name)) return undefined;
    const known = [...this.wanted.keys()].join(', ');
    return `no step of this run receives "${name}"; what is received: ${known || 'nothing'}`;
  }
}
