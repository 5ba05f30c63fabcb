/**
 * Where every step stands: its index among the nodes, its slot, its block and its place there, before any is compiled.
 *
 * PURE. Made first, because an approval names later steps and a problem wants to say where a name that cannot be read
 * here would be known. Ids are settled here: unique in the file and usable in expressions.
 */
import { isUsableName } from '../expressions/cel.js';
import type { Parsed, ParsedMap } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import { textOf } from './validate.js';
import type { CheckedDefinition, CheckedStep } from './validate.js';

export interface StepPlace {
  /** Undefined when the step's shape is wrong; its id is still known. */
  readonly step: CheckedStep | undefined;
  readonly source: ParsedMap;
  readonly id: string | undefined;
  readonly index: number;
  readonly undoIndex: number | undefined;
  readonly block: BlockPlace;
  /** Its number among the steps of its block. */
  readonly position: number;
}

interface BlockPlace {
  /** The step that holds the block; undefined for the definition's own steps. */
  readonly parent: StepPlace | undefined;
  /** Blocks around it. */
  readonly depth: number;
}

export interface Places {
  readonly bySource: ReadonlyMap<ParsedMap, StepPlace>;
  readonly byId: ReadonlyMap<string, StepPlace>;
  /** The nodes of a list of steps, inner ones too: from the first on, up to and without the second. */
  readonly nodes: ReadonlyMap<Parsed, readonly [number, number]>;
  readonly nodeCount: number;
}

/** Names that expressions have already, so that no step can be called so. */
export const LANGUAGE_NAMES: ReadonlySet<string> = new Set(['input', 'run', 'item', 'pass', 'last', 'e']);

/** Blocks inside blocks: more than anybody can follow. */
const MOST_DEPTH = 10;

/** Problems: FIRN308, FIRN309, FIRN418. */
export function findPlaces(definition: CheckedDefinition, problems: Problems): Places {
  const bySource = new Map<ParsedMap, StepPlace>();
  const byId = new Map<string, StepPlace>();
  const nodes = new Map<Parsed, readonly [number, number]>();
  let nodeCount = 0;

  const visit = (list: Parsed | undefined, parent: StepPlace | undefined): void => {
    if (list?.is !== 'list') return;
    const block: BlockPlace = { parent, depth: parent === undefined ? 0 : parent.block.depth + 1 };
    if (block.depth === MOST_DEPTH + 1) {
      const message = `these steps stand ${block.depth} blocks deep; there may be ${MOST_DEPTH}`;
      problems.error('FIRN418', list, message, 'make a workflow of the inner blocks and `call` it');
    }
    const first = nodeCount;
    for (const [position, source] of list.items.entries()) {
      if (source.is !== 'map') continue;
      const step = definition.checked.get(source);
      const id = usableId(source, byId, problems);
      const index = nodeCount;
      nodeCount += step?.undo === undefined ? 1 : 2;
      const undoIndex = step?.undo === undefined ? undefined : index + 1;
      const place: StepPlace = {
        step,
        source,
        id,
        index,
        undoIndex,
        block,
        position,
      };
      if (id !== undefined) byId.set(id, place);
      bySource.set(source, place);
      for (const inner of step?.lists ?? []) visit(inner, place);
    }
    nodes.set(list, [first, nodeCount]);
  };
  visit(definition.steps, undefined);
  return { bySource, byId, nodes, nodeCount };
}

function usableId(source: ParsedMap, byId: ReadonlyMap<string, StepPlace>, problems: Problems): string | undefined {
  const parsed = get(source, 'id');
  const id = textOf(parsed);
  if (parsed === undefined || id === undefined) return undefined;
  const hint = 'letters, digits and _, not beginning with a digit, as in `refund_2`';
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(id)) {
    problems.error('FIRN309', parsed, `the id "${id}" cannot be read in expressions`, hint);
    return undefined;
  }
  if (!isUsableName(id)) {
    problems.error(
      'FIRN309',
      parsed,
      `the id "${id}" is a word that expressions keep for themselves`,
      'choose another id',
    );
    return undefined;
  }
  if (LANGUAGE_NAMES.has(id)) {
    problems.error(
      'FIRN309',
      parsed,
      `the id "${id}" is a name that every expression has already`,
      'choose another id',
    );
    return undefined;
  }
  const first = byId.get(id);
  if (first === undefined) return id;
  problems.error(
    'FIRN308',
    parsed,
    `the id "${id}" stands twice; the first is on line ${first.source.at.line}`,
    'choose another id',
  );
  return undefined;
}

/** True when `later` runs after `step`, in the same block or in one around it. */
export function runsLater(step: StepPlace, later: StepPlace): boolean {
  for (let at: StepPlace | undefined = step; at !== undefined; at = at.block.parent) {
    if (at.block === later.block) return later.position > at.position;
  }
  return false;
}

/**
 * The names of the file that cannot be read at one step, each with the reason. Looked up when a problem asks, because a
 * table per step would cost the square of the number of steps.
 */
export class HiddenNames implements ReadonlyMap<string, string> {
  private readonly places: ReadonlyMap<string, StepPlace>;
  private readonly visible: { has(name: string): boolean };
  private readonly reader: StepPlace | undefined;

  constructor(
    places: ReadonlyMap<string, StepPlace>,
    visible: { has(name: string): boolean },
    reader: StepPlace | undefined,
  ) {
    this.places = places;
    this.visible = visible;
    this.reader = reader;
  }

  get(name: string): string | undefined {
    const place = this.visible.has(name) ? undefined : this.places.get(name);
    if (place === undefined) return undefined;
    const line = place.source.at.line;
    if (place === this.reader) return `it is the result of this step itself, which has not run yet`;
    if (this.reader !== undefined && (line > this.reader.source.at.line || runsLater(this.reader, place))) {
      return `it runs later (line ${line})`;
    }
    const { parent } = place.block;
    if (parent === undefined) return `it runs later (line ${line})`;
    return `it runs only in a branch of ${parent.id ?? `the step on line ${parent.source.at.line}`} (line ${line})`;
  }

  has(name: string): boolean {
    return this.places.has(name) && !this.visible.has(name);
  }

  get size(): number {
    return [...this.keys()].length;
  }

  *keys(): MapIterator<string> {
    for (const name of this.places.keys()) if (!this.visible.has(name)) yield name;
  }

  *values(): MapIterator<string> {
    for (const [, reason] of this) yield reason;
  }

  *entries(): MapIterator<[string, string]> {
    for (const name of this.keys()) yield [name, this.get(name) ?? ''];
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }

  forEach(visit: (reason: string, name: string, map: ReadonlyMap<string, string>) => void): void {
    for (const [name, reason] of this) visit(reason, name, this);
  }
}
