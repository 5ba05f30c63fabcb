/**
 * The label of a value, settled once more where it would act: from the plan's labels of the slots that it reads, and from
 * the very text that is evaluated.
 *
 * PURE. Knows nothing of what the compiler thought of the expression: where the two differ, the compiler has a bug or the
 * plan is not its own, and the worse one counts. What is not in the plan is the least trusted there is.
 */
import type { Expression, PartLabel, Value } from '../plan/plan.js';
import type { Label } from '../plan/types.js';
import { celName, parseSource, type CelNode } from './cel.js';
import { joinLabels } from './labels.js';

/** By slot. */
type Labels = readonly (readonly PartLabel[])[];

/** What a name stands for: a slot, or the item that a macro walks over. */
type Known = { readonly slot: readonly PartLabel[] } | { readonly of: CelNode; readonly names: Names };
type Names = ReadonlyMap<string, Known>;

const WORST: Label = 'model';

export function settleLabel(value: Value, labels: Labels): Label {
  switch (value.is) {
    case 'literal':
      return 'definition';
    case 'expression':
      return labelOfExpression(value.expression, labels);
    case 'text':
      return joinLabels(
        ...value.parts.map((part) => (typeof part === 'string' ? 'definition' : labelOfExpression(part, labels))),
      );
    case 'list':
      return joinLabels(...value.items.map((item) => settleLabel(item, labels)));
    case 'map':
      return joinLabels(...value.entries.map((entry) => settleLabel(entry.value, labels)));
  }
}

/** Whether what stands at `path` below a slot is private. */
export function isPrivatePart(parts: readonly PartLabel[], path: readonly string[]): boolean {
  return parts.some((part) => part.private === true && startsWith(path, part.path));
}

function labelOfExpression({ cel, names }: Expression, labels: Labels): Label {
  const node = parseSource(cel);
  if (!('op' in node)) return WORST;
  const known = names.map(({ name, slot }) => [celName(name), { slot: labels[slot] ?? [] }] as const);
  return labelAt(node, [], new Map(known));
}

/** The label of what stands at `path` below the value of a node. */
function labelAt(node: CelNode, path: readonly string[], names: Names): Label {
  const below = (inner: CelNode, at: readonly string[]): Label => labelAt(inner, at, names);
  const all = (nodes: readonly CelNode[]): Label => joinLabels(...nodes.map((one) => below(one, [])));
  switch (node.op) {
    case 'value':
      return 'definition';
    case 'id':
      return labelOfName(names.get(node.args), path);
    case '.':
    case '.?':
      return below(node.args[0], [node.args[1], ...path]);
    case '[]':
    case '[?]': {
      const [base, index] = node.args;
      return below(base, [index.op === 'value' && typeof index.args === 'string' ? index.args : '*', ...path]);
    }
    case '?:':
      // What chose between them is not in what was chosen.
      return joinLabels(below(node.args[1], path), below(node.args[2], path));
    case 'list':
      return path[0] === '*' ? joinLabels(...node.args.map((item) => below(item, path.slice(1)))) : all(node.args);
    case 'map':
      return labelOfMap(node.args, path, names);
    case 'call': {
      const [name, args] = node.args;
      const [first] = args;
      return (name === 'dyn' || name === 'spend') && first !== undefined ? below(first, path) : all(args);
    }
    case 'rcall':
      return labelOfMethod(node, path, names);
    case '!_':
    case '-_':
      return below(node.args, []);
    default:
      return all(node.args);
  }
}

function labelOfName(known: Known | undefined, path: readonly string[]): Label {
  if (known === undefined) return WORST;
  if ('of' in known) return labelAt(known.of, ['*', ...path], known.names);
  const around = known.slot.filter((part) => startsWith(path, part.path));
  const nearest = around.reduce<PartLabel | undefined>(
    (best, part) => (best === undefined || part.path.length > best.path.length ? part : best),
    undefined,
  );
  if (nearest === undefined) return WORST;
  const inside = known.slot.filter((part) => part.path.length > path.length && startsWith(part.path, path));
  return joinLabels(nearest.label, ...inside.map(({ label }) => label));
}

function labelOfMap(
  entries: readonly (readonly [CelNode, CelNode])[],
  [field, ...rest]: readonly string[],
  names: Names,
): Label {
  const wanted = entries.filter(([key]) => field === undefined || key.op !== 'value' || key.args === field);
  return joinLabels(...wanted.map(([, value]) => labelAt(value, rest, names)));
}

function labelOfMethod(node: Extract<CelNode, { op: 'rcall' }>, path: readonly string[], names: Names): Label {
  const [name, receiver, args] = node.args;
  const [first, body] = args;
  if (name === 'orValue' || name === 'or')
    return joinLabels(...[receiver, ...args].map((one) => labelAt(one, path, names)));
  if (body === undefined || first?.op !== 'id')
    return joinLabels(...[receiver, ...args].map((one) => labelAt(one, [], names)));
  if (name === 'filter') return labelAt(receiver, path, names);
  const inside: Names = new Map([...names, [first.args, { of: receiver, names }]]);
  if (name === 'map') return labelAt(body, path[0] === '*' ? path.slice(1) : path, inside);
  return joinLabels(labelAt(receiver, [], names), labelAt(body, [], inside));
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.length <= path.length && start.every((part, index) => part === path[index]);
}
