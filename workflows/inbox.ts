/**
 * Messages that come for a run: kept from the first moment on, until a step takes them.
 *
 * SANDBOX. A message can come with the start, before the plan is there; then it waits here. Only messages that some step
 * of the plan receives are kept, and no more than a run may hold.
 */
import { MESSAGE_LIMIT } from '../interpreter/limits.js';
import type { ReceivedMessage } from '../language/plan/host.js';
import { isJsonMap, type Json } from '../language/plan/json.js';
import type { Plan } from '../language/plan/plan.js';
import type { Node } from '../language/steps/index.js';
import type { Clock } from './clock.js';

export class Inbox {
  private readonly clock: Clock;
  private readonly early: ReceivedMessage[] = [];
  private kept: ReceivedMessage[] | undefined;
  private names: ReadonlySet<string> | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The plan is there: from now on messages go into the run's state. */
  open(plan: Plan<Node>, kept: ReceivedMessage[]): void {
    this.names = new Set(plan.nodes.flatMap((node) => (node.verb === 'receive' ? [node.message] : [])));
    this.kept = kept;
    for (const message of this.early.splice(0)) this.keep(message);
  }

  /** Why it is not kept, or undefined. */
  deliver(name: string, values: Json): string | undefined {
    if (!isJsonMap(values)) return `"${name}" carries no JSON object`;
    return this.keep({ name, values, at_ms: this.clock.now() });
  }

  private keep(message: ReceivedMessage): string | undefined {
    const list = this.kept ?? this.early;
    if (list.length >= MESSAGE_LIMIT) return `${MESSAGE_LIMIT} messages wait already`;
    if (this.names?.has(message.name) === false) return `no step of this run receives "${message.name}"`;
    list.push(message);
    return undefined;
  }
}
