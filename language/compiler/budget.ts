/**
 * What Temporal cannot hold, said before a run finds out: too long a history, too many things at once, waits that outlast
 * their run.
 *
 * PURE. Problems: FIRN416 (waits), FIRN444-FIRN449.
 */
import { formatDuration } from '../plan/duration.js';
import type { Place, Problems, ProblemCode } from '../plan/problem.js';
import type { Plan } from '../plan/plan.js';
import type { Callee } from '../plan/project.js';
import type { Type } from '../plan/types.js';
import type { Node } from '../steps/index.js';
import { eventsOfUndo } from './history.js';
import type { Gap } from './history.js';
import { declaredSize } from './type-size.js';
import { count } from './words.js';
import { inner } from './worst.js';

/** Temporal ends a run whose history is longer, and warns of it from the second on. */
const MOST_EVENTS = 51_200;
const MANY_EVENTS = 10_000;
const MOST_CHARACTERS = 50_000_000;
const MANY_CHARACTERS = 10_000_000;
/** Activities, and called workflows, that one run may have under way. */
const MOST_AT_ONCE = 2_000;
/** Characters of the input and all results of a run together (interpreter/limits.ts). */
const RESULTS_LIMIT = 1024 * 1024;

export interface Budgeted {
  readonly plan: Plan<Node>;
  readonly callees: readonly Callee[];
  readonly gaps: readonly Gap[];
  /** Of the input. */
  readonly takes: Type;
  /** Where a step is written. */
  readonly place: (node: Node) => Place;
  readonly inputPlace: Place;
}

export function checkBudget(budgeted: Budgeted, problems: Problems): void {
  checkGaps(budgeted, problems);
  checkInput(budgeted, problems);
  checkWaits(budgeted, problems);
}

interface Limit {
  readonly code: ProblemCode;
  readonly amount: (gap: Gap) => number;
  readonly many: number;
  readonly most: number;
  readonly message: (gap: Gap, amount: number) => string;
  readonly hint: string;
}

const LIMITS: readonly Limit[] = [
  {
    code: 'FIRN444',
    amount: ({ stretch }) => stretch.events,
    many: MANY_EVENTS,
    most: MOST_EVENTS,
    message: (gap, amount) =>
      `${what(gap)} can make ${count(amount)} events of history ${before(gap)}; Temporal ends a run at ${count(MOST_EVENTS)}`,
    hint: 'let fewer items through (`limit` or `first` of the list, `maxItems` of the input, `at_most`), go one by one (`at_once: 1`), or do not wait (`detached: true`)',
  },
  {
    code: 'FIRN445',
    amount: ({ stretch }) => stretch.characters,
    many: MANY_CHARACTERS,
    most: MOST_CHARACTERS,
    message: (gap, amount) =>
      `${what(gap)} can put ${megabytes(amount)} of inputs and results into the history ${before(gap)}; Temporal ends a run at ${megabytes(MOST_CHARACTERS)}`,
    hint: 'declare shorter texts (`maxLength`) and lists (`maxItems`) in the input and output of the called workflow, or let fewer items through',
  },
  {
    code: 'FIRN448',
    amount: ({ stretch }) => stretch.at_once,
    many: MOST_AT_ONCE + 1,
    most: MOST_AT_ONCE,
    message: (gap, amount) =>
      `${what(gap)} can have ${count(amount)} things under way at once; a run may have ${count(MOST_AT_ONCE)}`,
    hint: 'lower `at_once` of one of the loops',
  },
  {
    code: 'FIRN449',
    amount: ({ stretch }) => eventsOfUndo(stretch.most_open),
    many: MANY_EVENTS,
    most: MOST_EVENTS,
    message: (gap, amount) =>
      `${what(gap)} can leave ${count(gap.stretch.most_open)} effects to be undone in one go, which makes ${count(amount)} events of history; Temporal ends a run at ${count(MOST_EVENTS)}`,
    hint: 'let fewer items through, make a workflow of an item and `call` it, so that each undoes its own, or undo them with one write',
  },
];

function checkGaps({ plan, gaps, place }: Budgeted, problems: Problems): void {
  for (const { code, amount, many, most, message, hint } of LIMITS) {
    const told: Node[] = [];
    for (const gap of gaps) {
      const found = amount(gap);
      // What is too much inside is too much around it as well, and said once.
      if (found < many || told.some((node) => holds(plan, gap.node, node))) continue;
      told.push(gap.node);
      const text = message(gap, found);
      if (found > most) problems.error(code, place(gap.node), text, hint);
      else problems.warning(code, place(gap.node), text, hint);
    }
  }
}

function holds(plan: Plan<Node>, outer: Node, node: Node): boolean {
  const index = plan.nodes.indexOf(node);
  return inner(outer).some((block) => {
    const [from, to] = plan.blocks[block]?.nodes ?? [0, 0];
    return index >= from && index < to;
  });
}

function checkInput({ takes, inputPlace }: Budgeted, problems: Problems): void {
  const size = declaredSize(takes);
  if (size <= RESULTS_LIMIT) return;
  const message = `an input may have ${megabytes(size)} by this declaration; a run holds ${megabytes(RESULTS_LIMIT)} of input and results together`;
  const hint =
    'declare shorter texts and lists, like `{ type: string, maxLength: 200 }` (10,000 characters and 1,000 items unless said)';
  problems.warning('FIRN446', inputPlace, message, hint);
}

/** Waits that end no sooner than the run, or the block around them. */
function checkWaits({ plan, callees, place }: Budgeted, problems: Problems): void {
  const visit = (block: number, within_ms: number): void => {
    for (const index of plan.blocks[block]?.steps ?? []) {
      const node = plan.nodes[index];
      if (node === undefined) continue;
      const own_ms = Math.min(within_ms, node.timeout_ms ?? Infinity);
      checkWait(node, own_ms);
      for (const inside of inner(node)) visit(inside, own_ms);
    }
  };
  const checkWait = (node: Node, within_ms: number): void => {
    const around = within_ms === plan.ends_within_ms ? 'its whole run ends' : 'it, or the block around it, must end';
    const outlasts = (takes_ms: number, how: string): void => {
      if (takes_ms < within_ms) return;
      const message = `this step ${how} ${formatDuration(takes_ms)}, but ${around} within ${formatDuration(within_ms)}`;
      problems.warning('FIRN416', place(node), message, 'give it less time than what is around it, or that more');
    };
    if (node.verb === 'wait' && node.how === 'for' && node.literal_ms !== undefined) outlasts(node.literal_ms, 'waits');
    if (node.verb === 'repeat' && node.every_ms !== undefined && node.at_most > 1) {
      outlasts((node.at_most - 1) * node.every_ms, 'can wait between its passes for');
    }
    if (node.verb !== 'call' || node.detached) return;
    const called_ms = callees.find(({ name }) => name === node.workflow)?.ends_within_ms ?? 0;
    // A shorter `timeout` around it says that it may be cut off.
    if (within_ms < plan.ends_within_ms || called_ms <= within_ms) return;
    const message = `"${node.workflow}" ends within ${formatDuration(called_ms)}, but this workflow, which waits for it, within ${formatDuration(within_ms)}`;
    const hint = `give this workflow more time or "${node.workflow}" less, a \`timeout\` to this step, or do not wait for it (\`detached: true\`)`;
    problems.error('FIRN447', place(node), message, hint);
  };
  if (plan.ends_within_ms > 0) visit(0, plan.ends_within_ms);
}

/** Why the run cannot continue as new earlier. */
function before({ stretch }: Gap): string {
  return stretch.children
    ? 'while it waits for called workflows, and a run cannot continue as new meanwhile'
    : 'at once, before the run can continue as new';
}

function what({ node }: Gap): string {
  switch (node.verb) {
    case 'for_each':
      return `this loop of up to ${count(node.most_items)} items${node.at_once > 1 ? `, ${node.at_once} at once,` : ''}`;
    case 'repeat':
      return `this loop of up to ${count(node.at_most)} passes`;
    default:
      return `this \`${node.verb}\``;
  }
}

function megabytes(characters: number): string {
  return `${(Math.round(characters / 100_000) / 10).toFixed(1).replace(/\.0$/, '')} MB`;
}
