/**
 * A step in a sentence, for a person who answers for the flow and does not read YAML.
 *
 * PURE. The author's `summary` comes first; without one, the verb and what it says.
 */
import type { Plan } from '../plan/plan.js';
import { asksModel } from './worst.js';
import { kindOf } from '../steps/index.js';
import type { Node } from '../steps/index.js';
import { count, counted, listed, plain, shortened, spoken, written } from './words.js';

/** Characters of an author's text that a sentence quotes. */
const QUOTED = 300;

/** What the step does, as a sentence without its id: "Reads one row of shop.orders." */
export function sentence(node: Node, plan: Pick<Plan<Node>, 'nodes'>): string {
  const own = node.summary === undefined ? says(node) : `${ended(written(node.summary))} ${says(node)}`;
  const when = node.when === undefined ? [] : [`Only if {${plain(node.when.source)}}:`];
  return [...when, own, ...conditions(node, plan)].join(' ');
}

function says(node: Node): string {
  switch (node.verb) {
    case 'read':
      return `Reads one row of ${node.from}${where(node.where)}.${node.optional ? ' There may be none.' : ''}`;
    case 'list':
      return node.first
        ? `Lists the first ${counted(node.limit, 'row')} of ${node.from}${where(node.where)}.`
        : `Lists the rows of ${node.from}${where(node.where)}, at most ${count(node.limit)}.`;
    case 'create':
      return `Writes ${node.many ? 'new rows' : 'a new row'} into ${node.in}.`;
    case 'update':
      return `Changes ${rows(node.expect)} of ${node.in}${where(node.where)}: ${fields(node.set)}.`;
    case 'delete':
      return `Deletes ${rows(node.expect)} of ${node.from}${where(node.where)}.`;
    case 'sql':
      return `${node.write ? 'Changes' : 'Queries'} the database ${node.connection} with a statement of its own: ${shortened(plain(node.text), 120)}`;
    case 'http':
      return `${node.method === 'GET' ? 'Asks' : 'Sends a request to'} ${node.connection}: ${node.method} ${shortened(written(node.target), 120)}.`;
    case 'use':
      return `${node.effect === 'read' ? 'Asks' : 'Uses'} ${node.activity}.`;
    case 'set':
      return `Computes ${fields(node.values)}.`;
    case 'policy':
      return `Takes the version of the policy "${plain(node.of)}" that was in force at {${plain(node.at.source)}}.`;
    case 'switch':
      return node.of === undefined
        ? `Goes one of ${counted(node.cases.length, 'way')}:`
        : `Goes one of ${counted(node.cases.length, 'way')}, by {${plain(node.of.source)}}:`;
    case 'for_each':
      return `For each "${node.as}" of {${plain(node.in.source)}} (at most ${count(node.most_items)})${node.at_once > 1 ? `, up to ${node.at_once} at the same time` : ', one after the other'}${node.on_error === 'collect' ? '; one that fails is undone and noted, and the others go on' : ''}:`;
    case 'repeat':
      return `Again until {${plain(node.until.source)}} holds, at most ${counted(node.at_most, 'time')}${node.every_ms === undefined ? '' : `, every ${spoken(node.every_ms)}`}; if it never does, the step fails:`;
    case 'parallel':
      return `${counted(node.branches.length, 'branch', 'branches')} at the same time; all must come to their end:`;
    case 'race':
      return `${counted(node.branches.length, 'branch', 'branches')} at the same time; the first to get to its end counts, and what the others did is undone:`;
    case 'try':
      return 'Tries:';
    case 'call':
      return node.detached
        ? `Starts the workflow ${node.workflow} and does not wait for it.`
        : `Runs the workflow ${node.workflow} and waits for its end.`;
    case 'return':
      return 'Ends the run here, done.';
    case 'refuse':
      return `Ends the run as refused: ${quoted(written(node.reason))}`;
    case 'fail':
      return `Ends the run as failed (${plain(node.type)}): ${quoted(written(node.message))}`;
    case 'wait':
      return node.how === 'for' && node.literal_ms !== undefined
        ? `Waits ${spoken(node.literal_ms)}.`
        : `${capital(plain(kindOf(node).summarize(node)))}.`;
    case 'receive':
      return `Waits for the message "${node.message}".`;
    case 'send':
      return `Sends the message "${node.message}" to the run {${written(node.to).replace(/^\{|\}$/g, '')}}.`;
    case 'tell':
      return `Tells ${node.who === 'customer' ? 'the customer' : node.who}: ${quoted(written(node.text))}`;
    case 'approve':
      return node.steps.length === 0
        ? `A person of ${node.by} says yes or no to: ${quoted(node.what === undefined ? '' : written(node.what))}`
        : `A person of ${node.by} says yes or no to exactly what ${listed(node.steps)} would do.`;
    case 'ask':
      return `A person of ${node.by} fills in a form: ${quoted(written(node.what))}`;
    case 'decide':
      return decides(node);
  }
}

function decides(node: Extract<Node, { verb: 'decide' }>): string {
  const answers = listed(
    node.answers.map(({ answer }) => plain(answer)),
    'or',
  );
  const asked =
    node.ask === undefined ? `Decides: ${answers}.` : `Answers "${shortened(plain(node.ask), QUOTED)}": ${answers}.`;
  const rungs: string[] = [];
  if (node.rules.length > 0) rungs.push(`rules (${listed(node.rules.map(({ id }) => plain(id)))})`);
  if (asksModel(node))
    rungs.push(
      `a small model, which reads ${node.about === undefined ? 'nothing' : shortened(written(node.about), 80)} and is believed where ${Math.round(node.accept * 100)} of 100 such answers are right`,
    );
  const always = node.rules.some(({ when }) => when === undefined);
  if (node.otherwise !== undefined && !always) rungs.push(`a person of ${node.otherwise}`);
  return `${asked} ${rungs.length === 1 && always ? 'Rules always answer it.' : `Who answers: ${rungs.join('; else ')}.`}`;
}

/** What the common keys say. */
function conditions(node: Node, { nodes }: Pick<Plan<Node>, 'nodes'>): string[] {
  const said: string[] = [];
  if (node.ensure !== undefined) said.push(`Afterwards {${plain(node.ensure.source)}} must hold, else it fails.`);
  if (node.timeout_ms !== undefined) {
    const rejects = node.verb === 'approve' && node.on_timeout === 'reject';
    said.push(`It has ${spoken(node.timeout_ms)}; after that it ${rejects ? 'counts as a no' : 'fails'}.`);
  }
  const undo = node.undo === undefined ? undefined : nodes[node.undo];
  if (undo !== undefined) said.push(`To take it back: ${kindOf(undo).summarize(undo)}.`);
  return said;
}

type Value = Parameters<typeof written>[0];

function where(value: Value): string {
  const said = fields(value);
  return said === '' ? '' : ` where ${said}`;
}

function fields(value: Value): string {
  if (value.is === 'map')
    return listed(value.entries.map(({ key, value: inner }) => `${plain(key)} is ${shortened(written(inner), 80)}`));
  return shortened(written(value), 120);
}

function rows(expect: string): string {
  return expect === 'any' ? 'all rows' : expect === 'none-or-one' ? 'one row, if there is one,' : 'one row';
}

/** In quotes, and the end of a sentence. */
function quoted(text: string): string {
  return `"${ended(shortened(text, QUOTED))}"`;
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
