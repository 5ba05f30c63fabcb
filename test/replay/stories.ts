/**
 * The runs whose histories are kept: each ending of a refund, questions to people, and every verb. Not a test itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunHandle } from '../../client/index.js';
import type { Json } from '../../language/plan/json.js';

export interface Story {
  /** Also the run's ticket. */
  readonly name: string;
  readonly workflow: string;
  readonly input: Json;
  /** What people, or other systems, do while it waits for a person, or when the step `after` has been taken. */
  readonly meanwhile?: (run: RunHandle) => Promise<unknown>;
  readonly after?: string;
  readonly ends: 'done' | 'refused' | 'handed_over' | 'failed' | 'cancelled';
}

/**
 * The sample rows of the definitions. From A-1012's refund a trigger takes a cent; K-2 joins in a moment; two accounts are
 * overdue; and a run that there is not waits for the shop's incident.
 */
export const TABLES = `
  create function shop.short() returns trigger language plpgsql as
    $$ begin new.amount := new.amount - 0.01; return new; end $$;
  create trigger short before insert on shop.refunds for each row when (new.order_id = 'A-1012')
    execute function shop.short();
  update staff.contracts set joins_at = now() + interval '12 hours 30 seconds' where id = 'K-2';
  update ledger.invoices set paid_at = now() where account_id not in ('L-0005', 'L-0030', 'L-0031');
  insert into staff.departments (name, lead_email, mail_domain) values ('yard', 'lead.yard@example.com', 'example.com');
  insert into staff.department_groups (department, group_name) values ('yard', 'gone');
  insert into staff.contracts (id, name, department, joins_at) values ('K-4', 'Nora Nord', 'yard', now() + interval '20 days');
  insert into operations.watchers (ticket, service) values ('incident-that-is-over', 'shop');
`;

const PAPER = {
  ...{ scan_id: 'scan-1', supplier_id: 'S-1', order_no: 'PO-1', total: 690 },
  lines: [
    { item: 'paper A4', quantity: 100, price: 4.5 },
    { item: 'envelopes', quantity: 20, price: 12 },
  ],
} as const;

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
  {
    name: 'account-changed',
    workflow: 'account-change',
    input: { customer_id: 'C-1', field: 'email', value: 'new@example.com' },
    ends: 'done',
  },
  {
    name: 'account-same',
    workflow: 'account-change',
    input: { customer_id: 'C-2', field: 'email', value: 'ben@example.com' },
    ends: 'done',
  },
  {
    name: 'account-change-cancelled',
    workflow: 'account-change',
    input: { customer_id: 'C-3', field: 'address', value: 'Oak Road 2' },
    after: 'seen[1]',
    meanwhile: (run) => run.cancel(),
    ends: 'cancelled',
  },
  {
    name: 'invoice-booked',
    workflow: 'invoice-intake',
    input: { ...PAPER, invoice_no: 'R-77' },
    meanwhile: (run) => run.answer('named[1]', { code: '1000' }, { by: 'jonas' }),
    ends: 'done',
  },
  {
    name: 'invoice-booked-twice',
    workflow: 'invoice-intake',
    input: { ...PAPER, invoice_no: 'R-77' },
    ends: 'refused',
  },
  {
    name: 'onboarding-ready',
    workflow: 'onboarding',
    input: { contract: 'K-2', login: 'olaf.orth' },
    ends: 'done',
  },
  {
    name: 'onboarding-withdrawn',
    workflow: 'onboarding',
    input: { contract: 'K-1', login: 'wanda.weiss' },
    after: 'until.day.wait',
    meanwhile: (run) => run.send('withdrawn', { reason: 'another offer' }),
    ends: 'refused',
  },
  {
    name: 'onboarding-failed',
    workflow: 'onboarding',
    input: { contract: 'K-4', login: 'nora.nord' },
    ends: 'failed',
  },
  {
    name: 'incident-resolved',
    workflow: 'incident',
    input: { service: 'shop', severity: 'major', what: 'Nobody can pay.' },
    after: 'rung.1.tell[1]',
    meanwhile: async (run) => {
      await run.send('acknowledged', { by: 'tom' });
      await taken(run, 'resolution.overdue.wait');
      await run.send('resolved', { cause: 'a full disk' });
    },
    ends: 'done',
  },
  {
    name: 'dunning-notice-paid',
    workflow: 'dunning-notice',
    input: { account_id: 'L-0005', as_of: '2100-01-01T00:00:00Z' },
    after: 'warned',
    meanwhile: (run) => run.send('paid', { amount: 37.5 }),
    ends: 'done',
  },
  {
    name: 'dunning-begun',
    workflow: 'dunning',
    input: {},
    after: 'noted',
    meanwhile: (run) => run.cancel(),
    ends: 'cancelled',
  },
];

/** Resolves when a run has come to a step: what comes to it in one moment with another thing is noted as one. */
export async function taken(run: RunHandle, step: string): Promise<void> {
  while (!(await run.report({ timeout_ms: 200 })).path.includes(step)) await delay(100);
}
