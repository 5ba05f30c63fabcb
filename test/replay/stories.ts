/**
 * The runs whose histories are kept: each ending of a refund, and a question to a person. Not a test itself.
 */
import type { RunHandle } from '../../client/index.js';
import type { Json } from '../../language/plan/json.js';

export interface Story {
  /** Also the run's ticket. */
  readonly name: string;
  readonly workflow: string;
  readonly input: Json;
  /** What people do while it waits. */
  readonly meanwhile?: (run: RunHandle) => Promise<unknown>;
  readonly ends: 'done' | 'refused' | 'handed_over' | 'failed' | 'cancelled';
}

/** The sample orders of definitions/refund/shop.sql, and A-1012, from whose refund a trigger takes a cent. */
export const TABLES = `
  create function shop.short() returns trigger language plpgsql as
    $$ begin new.amount := new.amount - 0.01; return new; end $$;
  create trigger short before insert on shop.refunds for each row when (new.order_id = 'A-1012')
    execute function shop.short();
`;

export const STORIES: readonly Story[] = [
  {
    name: 'refund-done-by-rule',
    workflow: 'refund',
    input: { order_id: 'A-1001', reason: 'damaged' },
    ends: 'done',
  },
  {
    name: 'refund-done-by-encoder',
    workflow: 'refund',
    input: { order_id: 'A-1003', message: 'The clock arrived with a cracked glass. Can I have my money back?' },
    ends: 'done',
  },
  {
    name: 'refund-done-by-person',
    workflow: 'refund',
    input: { order_id: 'A-1010', message: 'Please call me back about my order, thanks.' },
    meanwhile: (run) => run.answer('reason', 'damaged', { by: 'maria', comment: 'she said so on the phone' }),
    ends: 'done',
  },
  {
    name: 'refund-approved',
    workflow: 'refund',
    input: { order_id: 'A-1011', reason: 'damaged' },
    meanwhile: (run) => run.approve('approval', { by: 'maria' }),
    ends: 'done',
  },
  {
    name: 'refund-rejected',
    workflow: 'refund',
    input: { order_id: 'A-1007', reason: 'changed_mind' },
    meanwhile: (run) => run.reject('approval', { by: 'jonas', comment: 'the shoes were worn' }),
    ends: 'refused',
  },
  {
    name: 'refund-refused',
    workflow: 'refund',
    input: { order_id: 'A-1008', reason: 'damaged' },
    ends: 'refused',
  },
  {
    name: 'refund-handed-over',
    workflow: 'refund',
    input: { order_id: 'A-1001', reason: 'not_arrived' },
    ends: 'handed_over',
  },
  {
    name: 'refund-undone',
    workflow: 'refund',
    input: { order_id: 'A-1012', reason: 'damaged' },
    ends: 'handed_over',
  },
  {
    name: 'refund-failed',
    workflow: 'refund',
    input: { order_id: 'A-1002', reason: 'bored' },
    ends: 'failed',
  },
  {
    name: 'refund-cancelled',
    workflow: 'refund',
    input: { order_id: 'A-1009', reason: 'changed_mind' },
    meanwhile: (run) => run.cancel(),
    ends: 'cancelled',
  },
  {
    name: 'refund-person-asked-for',
    workflow: 'refund',
    input: { order_id: 'A-1009', reason: 'changed_mind' },
    meanwhile: (run) => run.handOver('the customer called', 'maria'),
    ends: 'handed_over',
  },
  {
    name: 'support-triage-chosen',
    workflow: 'support-triage',
    input: { message: 'I typed the PIN wrong three times, what now?', topic: 'cards' },
    ends: 'done',
  },
  {
    name: 'support-triage-answered',
    workflow: 'support-triage',
    input: { message: 'Hello? Is anybody there?' },
    meanwhile: (run) => run.answer('queue', 'account', { by: 'selma' }),
    ends: 'done',
  },
];
