/**
 * The outside of a run, in memory: activities as plain functions with the contracts of activities/, which record what they
 * were asked. What a database does is tested with a database (test/activities); here it is Temporal's side that is real.
 */
import { ApplicationFailure } from '@temporalio/common';
import { activityInfo } from '@temporalio/activity';
import { isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Node } from '../../language/steps/index.js';
import { jsonOf } from './plans.js';

export interface Asked {
  readonly type: string;
  readonly id: string;
  readonly input: JsonMap;
}
type Reaction = (input: JsonMap, attempt: number) => Json | Promise<Json>;

export class World {
  readonly asked: Asked[] = [];
  readonly plans = new Map<string, Plan<Node>>();
  readonly reactions = new Map<string, Reaction>();
  searchAttributes: readonly string[] = [];
  continueAfterEvents: number | undefined;

  /** The same reaction for each call of this type, or of one id: `read`, `read order`. */
  on(what: string, reaction: Reaction): this {
    this.reactions.set(what, reaction);
    return this;
  }

  of(ticket: string, type?: string): Asked[] {
    return this.asked.filter(
      ({ input, type: other }) => input['ticket'] === ticket && (type === undefined || other === type),
    );
  }

  activities(): Record<string, (input: JsonMap) => Promise<Json>> {
    const types = ['open run', 'close run', 'check decision', 'open item', 'close item', 'settle'];
    const verbs = ['read', 'list', 'create', 'update', 'delete', 'tell', 'decide'];
    return Object.fromEntries([...types, ...verbs].map((type) => [type, (input: JsonMap) => this.react(type, input)]));
  }

  private async react(type: string, input: JsonMap): Promise<Json> {
    const { activityId, attempt, workflowExecution, isLocal } = activityInfo();
    const ticket = workflowExecution?.workflowId ?? '';
    this.asked.push({ type, id: isLocal ? type : activityId, input: { ticket, ...input } });
    const reaction = this.reactions.get(`${type} ${activityId}`) ?? this.reactions.get(type);
    if (reaction !== undefined) return await reaction(input, attempt);
    return this.usual(type, input);
  }

  private usual(type: string, input: JsonMap): Json {
    switch (type) {
      case 'open run': {
        const plan = this.plans.get(text(input['workflow']));
        if (plan === undefined) {
          const known = [...this.plans.keys()].join(', ');
          throw ApplicationFailure.nonRetryable(
            `no definition is named "${text(input['workflow'])}"; known: ${known}`,
            'unknown_workflow',
          );
        }
        if (!isJsonMap(input['input']))
          throw ApplicationFailure.nonRetryable('the input must be a map', 'invalid_input');
        return {
          plan: jsonOf(plan),
          input: input['input'],
          search_attributes: [...this.searchAttributes],
          at: new Date().toISOString(),
          ...(this.continueAfterEvents === undefined ? {} : { continue_after_events: this.continueAfterEvents }),
        };
      }
      case 'close run':
        return { item: input['outcome'] === 'handed_over' ? 'hand-over' : null };
      case 'check decision': {
        const known = input['by'] === 'maria';
        const because = known ? '' : `${text(input['by'])} is not in the role`;
        return { accepted: known, because, at: '2026-01-01T00:00:00.000Z' };
      }
      case 'settle':
        return { happened: true, result: { id: 'r-1' } };
      default:
        return {};
    }
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
