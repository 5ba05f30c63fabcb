/**
 * Macros over lists: `exists`, `exists_one`, `all`, `filter`, `map`.
 *
 * PURE. At most two stand inside each other, and each pays at run time for the items it walks, times the size of what it
 * does with them: an expression that explodes would stop every run of its worker.
 */
import type { Type } from '../plan/types.js';
import { celName, type CelNode } from './cel.js';
import { condition } from './check-operators.js';
import { known, writersOf, truth, type Around, type Checking, type Known } from './checking.js';
import { article } from './fit.js';

const MACROS: ReadonlySet<string> = new Set(['exists', 'exists_one', 'all', 'filter', 'map']);
const NESTED_AT_MOST = 2;
/** Characters of lowered text that cost as much as one step over a list. */
const WEIGHT = 160;

export function isMacro(name: string): boolean {
  return MACROS.has(name);
}

export function checkMacro(
  node: Extract<CelNode, { op: 'rcall' }>,
  around: Around,
  checking: Checking,
): Known | undefined {
  const [name, receiver, [variable, body, ...more]] = node.args;
  const list = checking.value(receiver, around);
  if (variable === undefined || body === undefined || more.length > 0 || variable.op !== 'id') {
    return checking.problem(
      'FIRN208',
      node.range,
      `${name}() takes a name for the item and an expression`,
      `write list.${name}(item, …)`,
    );
  }
  if (around.macros >= NESTED_AT_MOST) {
    return checking.problem(
      'FIRN211',
      node.range,
      `${name}() stands inside ${NESTED_AT_MOST} others: the work would multiply`,
      'compute the inner part in a `set` step before',
    );
  }
  if (list === undefined) return undefined;
  if (list.type.kind !== 'list' && list.type.kind !== 'any') {
    return checking.problem(
      'FIRN208',
      receiver.range,
      `${name}() walks over a list, and ${checking.quote(receiver)} is ${article(list.type)}`,
    );
  }
  const item: Type = list.type.kind === 'list' ? list.type.item : list.type;
  const inside = enter(around, variable.args, {
    ...known(celName(variable.args), item, list),
    path: variable.args,
  });
  const test = name === 'map' ? checking.value(body, inside) : condition(body, inside, checking);
  if (test === undefined) return undefined;
  const weight = Math.ceil(test.cel.length / WEIGHT);
  const cel = `spend(${list.cel}, ${weight}.0).${name}(${celName(variable.args)}, ${test.cel})`;
  const atMost = list.type.kind === 'list' ? list.type.atMost : undefined;
  const size = atMost === undefined ? {} : { atMost };
  if (name === 'map') return known(cel, { kind: 'list', item: test.type, ...size }, test);
  if (name !== 'filter') return truth(cel, list, test);
  return known(cel, { kind: 'list', item: refine(item, variable.args, test.whenTrue), ...size }, writersOf(list));
}

/** The surroundings inside a macro: its variable hides what else had that name, and the facts about it. */
function enter(around: Around, name: string, value: Known): Around {
  const facts = new Set([...around.facts].filter((path) => path !== name && !path.startsWith(`${name}.`)));
  return { ...around, facts, variables: new Map([...around.variables, [name, value]]), macros: around.macros + 1 };
}

/** After `filter(x, has(x.f))` the field is certain in every item. */
function refine(item: Type, name: string, facts: ReadonlySet<string> | undefined): Type {
  if (item.kind !== 'map' || facts === undefined) return item;
  const fields = new Map(item.fields);
  for (const [field, declared] of item.fields) {
    if (facts.has(`${name}.${field}`)) fields.set(field, { ...declared, presence: 'certain' });
  }
  return { ...item, fields };
}
