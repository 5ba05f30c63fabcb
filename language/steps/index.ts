/**
 * The list of step kinds: the only other place that a new verb touches.
 *
 * PURE. The union of nodes is inferred from the list. A plan's node finds its kind by its verb.
 */
import { approve } from './approve.js';
import { ask } from './ask.js';
import { parallel, race } from './branches.js';
import { call } from './call.js';
import { create } from './create.js';
import { decide } from './decide.js';
import { deleteRows } from './delete.js';
import { fail } from './fail.js';
import { forEach } from './for_each.js';
import { http } from './http.js';
import type { Effect, StepKind } from './kind.js';
import { list } from './list.js';
import { policy } from './policy.js';
import { read } from './read.js';
import { receive, send } from './receive.js';
import { refuse } from './refuse.js';
import { repeat } from './repeat.js';
import { returnOutput } from './return.js';
import { set } from './set.js';
import { sql } from './sql.js';
import { switchCase } from './switch.js';
import { tell } from './tell.js';
import { tryCatch } from './try.js';
import { update } from './update.js';
import { use } from './use.js';
import { wait } from './wait.js';

/** By verb, in the order of the reference: data, control, time and people, model. */
export const kinds = {
  read,
  list,
  create,
  update,
  delete: deleteRows,
  sql,
  http,
  use,
  set,
  policy,
  switch: switchCase,
  for_each: forEach,
  repeat,
  parallel,
  race,
  try: tryCatch,
  call,
  return: returnOutput,
  refuse,
  fail,
  wait,
  receive,
  send,
  tell,
  approve,
  ask,
  decide,
} as const;

export type Verb = keyof typeof kinds;
/** One of the kinds: what compiles a step, since each gives its own node. */
export type Kind = (typeof kinds)[Verb];

type NodeOf<K> = K extends StepKind<string, infer N> ? N : never;
/** A step of a plan. */
export type Node = NodeOf<Kind>;

const byVerb = new Map<string, StepKind<Verb, Node>>(Object.entries(kinds));

/** The kind of a plan's node: what runs it. */
export function kindOf(node: Node): StepKind<Verb, Node> {
  const kind = byVerb.get(node.verb);
  if (kind === undefined)
    throw new Error(`no step kind has the verb "${node.verb}": the plan is of another version of Firn`);
  return kind;
}

/** What a step may do to the outside. */
export function effectOf(node: Node): Effect {
  const { effect } = kindOf(node);
  return typeof effect === 'function' ? effect(node) : effect;
}
