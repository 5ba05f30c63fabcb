/**
 * The shape of a definition: its header, and every step with its verb found first.
 *
 * PURE. Second stage: from a parsed tree to steps that each have one known verb and a body of the right shape. What names
 * and values mean together is resolve.ts. A step that is wrong is reported once and left out; the others are still looked at.
 */
import { closest } from '../expressions/closest.js';
import type { JsonMap } from '../plan/json.js';
import { isJsonMap } from '../plan/json.js';
import type { Parsed, ParsedEntry, ParsedMap } from '../plan/parsed.js';
import { entry, get } from '../plan/parsed.js';
import type { Retry } from '../plan/plan.js';
import type { Place, Problems } from '../plan/problem.js';
import { kinds } from '../steps/index.js';
import type { Kind } from '../steps/index.js';
import { COMMON_KEYS, COMMON_SCHEMA, HEADER_SCHEMA, MOST_STEPS, readDuration, readRetry } from './header.js';
import { adviceForStepKey, LATER_VERBS, stepWord } from './instinct.js';
import { checkShape } from './shape.js';

const KINDS: ReadonlyMap<string, Kind> = new Map(Object.entries(kinds));
/** Unknown keys of one step that are told. */
const MOST_UNKNOWN = 20;
const VERBS = [...KINDS.keys()];

/** A step of the right shape. `source` is the whole step, `body` what stands under its verb. */
export interface CheckedStep {
  readonly source: ParsedMap;
  readonly kind: Kind;
  readonly body: Parsed;
  readonly id: string | undefined;
  readonly summary: Parsed | undefined;
  readonly when: Parsed | undefined;
  readonly ensure: Parsed | undefined;
  readonly undo: CheckedStep | undefined;
  readonly timeout_ms: number | undefined;
  readonly retry: Retry | undefined;
  /** The lists of steps in its body, in the order in which they stand. */
  readonly lists: readonly Parsed[];
}

export interface CheckedDefinition {
  readonly name: string;
  readonly summary: string;
  readonly owner: Parsed | undefined;
  readonly ends_within_ms: number;
  readonly uses: Parsed | undefined;
  readonly policies: Parsed | undefined;
  readonly input: Parsed | undefined;
  readonly steps: Parsed | undefined;
  readonly output: Parsed | undefined;
  /** Every step of the definition, in blocks too, by its place in the tree; wrong ones are missing. */
  readonly checked: ReadonlyMap<ParsedMap, CheckedStep>;
}

/** Problems: FIRN300-307, FIRN318-320. */
export function validate(root: Parsed, problems: Problems): CheckedDefinition {
  if (root.is === 'map') checkShape(root, HEADER_SCHEMA, 'a definition', problems);
  else problems.error('FIRN300', root, 'a definition is a map that begins with `workflow: name`');
  const checked = new Map<ParsedMap, CheckedStep>();
  const steps = get(root, 'steps');
  checkSteps(steps, checked, problems);
  if (checked.size > MOST_STEPS && steps !== undefined) {
    problems.error(
      'FIRN319',
      steps,
      `there are ${checked.size} steps; a definition can have ${MOST_STEPS}`,
      'split it up',
    );
  }
  const name = get(root, 'workflow');
  if (name !== undefined) checkName(name, problems);
  const ends_within = get(root, 'ends_within');
  return {
    name: textOf(name) ?? '',
    summary: textOf(get(root, 'summary')) ?? '',
    owner: get(root, 'owner'),
    ends_within_ms: (ends_within === undefined ? undefined : readDuration(ends_within, problems)) ?? 0,
    uses: get(root, 'uses'),
    policies: get(root, 'policies'),
    input: get(root, 'input'),
    steps,
    output: get(root, 'output'),
    checked,
  };
}

function checkName(parsed: Parsed, problems: Problems): void {
  const name = textOf(parsed);
  if (name === undefined) return;
  const hint = 'lower-case letters, digits, - and _, beginning with a letter, at most 60';
  if (!/^[a-z][a-z0-9_-]{0,59}$/.test(name)) {
    problems.error('FIRN318', parsed, `"${name}" cannot be the name of a workflow`, hint);
  } else if (/^firn[_-]/.test(name)) {
    problems.error('FIRN318', parsed, `"${name}" begins with "firn", which is kept for the engine's own workflows`);
  }
}

function checkSteps(parsed: Parsed | undefined, checked: Map<ParsedMap, CheckedStep>, problems: Problems): void {
  if (parsed?.is !== 'list') return;
  for (const item of parsed.items) {
    if (item.is !== 'map') continue;
    const step = checkStep(item, checked, problems);
    if (step !== undefined) checked.set(item, step);
  }
}

/** Finds the verb, then looks at nothing but what this verb may have. */
function checkStep(
  source: ParsedMap,
  checked: Map<ParsedMap, CheckedStep>,
  problems: Problems,
): CheckedStep | undefined {
  const verbs = source.entries.filter(({ key }) => KINDS.has(key));
  const unknown = source.entries.filter(({ key }) => !KINDS.has(key) && !COMMON_KEYS.includes(key));
  const [first, second] = verbs;
  let good = checkShape(source, COMMON_SCHEMA, 'a step', problems);
  for (const { key, keyAt } of unknown.slice(0, MOST_UNKNOWN))
    reportUnknown(key, keyPlace(source, key, keyAt), first?.key, problems);
  if (unknown.length > 0) good = false;
  if (first === undefined) {
    if (unknown.length === 0) {
      const hint = `one of: ${VERBS.join(', ')}`;
      problems.error(
        'FIRN303',
        { at: source.at, path: source.path },
        'this step has no verb: nothing says what it does',
        hint,
      );
    }
    return undefined;
  }
  if (second !== undefined) {
    const message = `this step has two verbs, "${first.key}" and "${second.key}"; a step does one thing`;
    problems.error('FIRN304', keyPlace(source, second.key, second.keyAt), message, 'make two steps of it');
    return undefined;
  }
  const kind = KINDS.get(first.key);
  if (kind === undefined) return undefined;
  if (!checkShape(first.value, kind.schema, `\`${first.key}\``, problems)) good = false;
  const lists = findLists(first.value, kind.schema);
  for (const list of lists) checkSteps(list, checked, problems);
  const common = readCommon(source, checked, problems);
  return good ? { source, kind, body: first.value, lists, ...common } : undefined;
}

function readCommon(source: ParsedMap, checked: Map<ParsedMap, CheckedStep>, problems: Problems) {
  const undo = get(source, 'undo');
  const timeout = get(source, 'timeout');
  const retry = get(source, 'retry');
  return {
    id: textOf(get(source, 'id')),
    summary: get(source, 'summary'),
    when: get(source, 'when'),
    ensure: get(source, 'ensure'),
    undo: undo?.is === 'map' ? checkUndo(undo, checked, problems) : undefined,
    timeout_ms: timeout === undefined ? undefined : readDuration(timeout, problems),
    retry: retry?.is === 'map' ? readRetry(retry, problems) : undefined,
  };
}

function checkUndo(
  source: ParsedMap,
  checked: Map<ParsedMap, CheckedStep>,
  problems: Problems,
): CheckedStep | undefined {
  for (const key of ['id', 'undo', 'when', 'ensure']) {
    const found = entry(source, key);
    if (found === undefined) continue;
    problems.error(
      'FIRN301',
      keyPlace(source, key, found.keyAt),
      `an undo has no "${key}"; it is one write and nothing else`,
    );
  }
  return checkStep(source, checked, problems);
}

/** The lists of steps that a verb's schema has, wherever they stand in its body. */
function findLists(parsed: Parsed, schema: JsonMap): readonly Parsed[] {
  if (schema['$comment'] === 'steps') return [parsed];
  if (parsed.is === 'scalar') return [];
  if (parsed.is === 'map') {
    return parsed.entries.flatMap(({ key, value }) => {
      const inner = schemaOf(schema, key);
      return inner === undefined ? [] : findLists(value, inner);
    });
  }
  const { items } = schema;
  return isJsonMap(items) ? parsed.items.flatMap((item) => findLists(item, items)) : [];
}

function schemaOf(schema: JsonMap, key: string): JsonMap | undefined {
  const { properties, additionalProperties } = schema;
  const own = isJsonMap(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
  return isJsonMap(own) ? own : undefined;
}

function reportUnknown(key: string, place: Place, verb: string | undefined, problems: Problems): void {
  if (LATER_VERBS.has(key)) {
    problems.error('FIRN305', place, `\`${key}\` is not in this version of Firn`, `verbs it has: ${VERBS.join(', ')}`);
    return;
  }
  const near = closest(key, [...VERBS, ...COMMON_KEYS]);
  const advice = adviceForStepKey(key);
  const right = stepWord(key);
  if (advice !== undefined) {
    const later = right !== undefined && LATER_VERBS.has(right) ? ', and this version of Firn does not have it' : '';
    const hint = right === undefined || later !== '' ? undefined : `write \`${right}\``;
    problems.error('FIRN320', place, `a step has no key "${key}": ${advice}${later}`, hint);
    return;
  }
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  if (verb === undefined) {
    const message = `"${key}" is no verb; a step does one of: ${VERBS.join(', ')}`;
    problems.error('FIRN305', place, message, hint);
  } else {
    const message = `a step has no key "${key}"; beside its verb it can have ${COMMON_KEYS.join(', ')}`;
    problems.error(
      'FIRN301',
      place,
      message,
      hint ?? `what \`${verb}\` needs stands under \`${verb}\`, one level further in`,
    );
  }
}

function keyPlace(source: ParsedMap, key: ParsedEntry['key'], at: ParsedEntry['keyAt']): Place {
  return { at, path: `${source.path}.${key}`, length: key.length };
}

export function textOf(parsed: Parsed | undefined): string | undefined {
  return parsed?.is === 'scalar' && typeof parsed.value === 'string' ? parsed.value : undefined;
}
