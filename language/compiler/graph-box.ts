/**
 * What stands in the boxes of a graph: their kind, their title, their lines.
 *
 * PURE. An author's text is made one line, without what a page or a terminal would obey, and cut to a length.
 */
import type { Plan } from '../plan/plan.js';
import { effectOf, kindOf } from '../steps/index.js';
import type { Node } from '../steps/index.js';
import { roleOf } from './bounds.js';
import type { BoxKind } from './graph.js';
import { count, plain, shortened, spoken, written } from './words.js';
import { asksModel } from './worst.js';

/** Characters of a line; a title is an id, which is short. */
const DETAIL = 70;

export function boxKind(node: Node): BoxKind {
  if (asksModel(node)) return 'model';
  if (roleOf(node) !== undefined) return 'person';
  const effect = effectOf(node);
  if (effect === 'write') return 'effect';
  switch (node.verb) {
    case 'tell':
    case 'send':
      return 'message';
    case 'call':
      return 'call';
    case 'wait':
    case 'receive':
      return 'wait';
    case 'switch':
      return 'choice';
    case 'return':
    case 'refuse':
    case 'fail':
      return 'end';
    default:
      return 'step';
  }
}

export function titleOf(node: Node): string {
  const { verb } = node;
  if (verb === 'return') return 'done';
  if (verb === 'refuse') return 'refused';
  if (verb === 'fail') return `failed: ${node.type}`;
  return node.id ?? TITLES[verb] ?? verb;
}

const TITLES: Readonly<Record<string, string>> = { for_each: 'for each', parallel: 'all of', race: 'race' };

/** What the step does, and what its common keys change of it. */
export function detailsOf(node: Node, { nodes }: Plan<Node>): string[] {
  const lines: string[] = [];
  const what = node.summary === undefined ? whatOf(node) : written(node.summary);
  if (what !== '') lines.push(shorten(what));
  const role = node.verb === 'decide' ? roleOf(node) : undefined;
  if (role !== undefined && asksModel(node)) lines.push(`else ${role}`);
  if (node.when !== undefined) lines.push(shorten(`if ${node.when.source}`));
  if (node.timeout_ms !== undefined) lines.push(`at most ${spoken(node.timeout_ms)}`);
  const undo = node.undo === undefined ? undefined : nodes[node.undo];
  if (undo !== undefined) lines.push(shorten(`undo: ${kindOf(undo).summarize(undo)}`));
  return lines;
}

function whatOf(node: Node): string {
  switch (node.verb) {
    case 'switch':
      return node.of === undefined ? '' : node.of.source;
    case 'return':
    case 'for_each':
    case 'repeat':
    case 'parallel':
    case 'race':
    case 'try':
      return '';
    case 'refuse':
      return written(node.reason);
    case 'fail':
      return written(node.message);
    default:
      return kindOf(node).summarize(node);
  }
}

export function loopTitle(node: Extract<Node, { verb: 'for_each' | 'repeat' }>): string {
  if (node.verb === 'repeat') {
    return shorten(
      `until ${node.until.source}, at most ${count(node.at_most)} times${node.every_ms === undefined ? '' : `, every ${spoken(node.every_ms)}`}`,
    );
  }
  const how = node.at_once > 1 ? `${node.at_once} at once` : 'one by one';
  return shorten(`each ${node.as} of ${node.in.source}, at most ${count(node.most_items)}, ${how}`);
}

export function shorten(text: string): string {
  return shortened(plain(text), DETAIL);
}
