/**
 * Activities that an application registers: what its modules must export, and what becomes of it.
 *
 * HOST, loads nothing: load-activities.ts imports the modules. A module is somebody's JavaScript, so what it exports is
 * looked at part by part and believed in nothing; a declaration that is wrong is a problem of that module.
 */
import { compileFields } from '../language/compiler/fields.js';
import { checkableSchema, schemaProblem, typeOfSchema } from '../language/compiler/schema-type.js';
import { isJson, isJsonMap } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import type { Parsed } from '../language/plan/parsed.js';
import { Problems, type Problem } from '../language/plan/problem.js';
import type { Callable } from '../language/plan/project.js';
import { ANY, type Type } from '../language/plan/types.js';

/** What an activity may ask while it runs. */
export interface ActivityContext {
  /** The same for every attempt of one step of one run: with it the other side can tell a second request from a new one. */
  readonly key: string;
  /** Aborted when the step is cancelled, or the time of this attempt is over. */
  readonly signal: AbortSignal;
  /** Tells Temporal that it is still at work; needed only to hear of a cancellation. */
  heartbeat(details?: unknown): void;
}

export interface RegisteredActivity extends Callable {
  readonly name: string;
  /** JSON Schema of its result; null = whatever it gives. */
  readonly output: JsonMap | null;
  readonly run: (input: JsonMap, context: ActivityContext) => unknown;
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const KEYS: ReadonlySet<string> = new Set(['name', 'about', 'takes', 'gives', 'effect', 'trusted', 'run']);
const EFFECTS = ['read', 'repeatable', 'once'] as const;

/** True for what looks like an activity: what else a module exports is its own business. */
export function isActivityLike(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'run') === 'function';
}

/** `file` is the module; its lines are unknown, so problems (FIRN504) stand at its top and name the activity. */
export function readActivity(
  given: Readonly<Record<string, unknown>>,
  file: string,
): { readonly activity: RegisteredActivity | undefined; readonly problems: readonly Problem[] } {
  const problems = new Problems(file);
  const wrong = (message: string, hint?: string): void => problems.error('FIRN504', TOP, message, hint);
  const { name, about, effect, trusted } = given;
  if (typeof name !== 'string' || !NAME.test(name)) {
    wrong(`an activity cannot be named ${show(name)}`, 'letters, digits, - and _, beginning with a letter, at most 64');
    return { activity: undefined, problems: problems.all };
  }
  for (const key of Object.keys(given).filter((one) => !KEYS.has(one))) {
    wrong(`the activity "${name}" has no key "${key}"`, `it can have ${[...KEYS].join(', ')}`);
  }
  if (about !== undefined && typeof about !== 'string') wrong(`the \`about\` of "${name}" must be a text`);
  if (trusted !== undefined && typeof trusted !== 'boolean')
    wrong(`the \`trusted\` of "${name}" must be true or false`);
  const known = EFFECTS.find((one) => one === effect);
  if (known === undefined) {
    const hint =
      '`read` changes nothing; `repeatable`: asking twice under one key is as asking once; `once`: it is not';
    wrong(`the activity "${name}" must say what its effect is, and says ${show(effect)}`, hint);
  }
  const takes = readDeclaration(given['takes'] ?? {}, `${name}.takes`, problems);
  const gives = given['gives'] === undefined ? undefined : readDeclaration(given['gives'], `${name}.gives`, problems);
  const run = runOf(given);
  if (takes === undefined || known === undefined || problems.failed)
    return { activity: undefined, problems: problems.all };
  const activity: RegisteredActivity = {
    name,
    about: typeof about === 'string' ? about : '',
    takes: takes.type,
    gives: gives?.type ?? ANY,
    schema: takes.schema,
    output: gives?.schema ?? null,
    effect: known,
    trusted: trusted === true,
    run,
  };
  return { activity, problems: problems.all };
}

const TOP = { at: { line: 1, column: 1 }, path: '' };

function runOf(given: Readonly<Record<string, unknown>>): RegisteredActivity['run'] {
  return (input, context) => {
    const run: unknown = given['run'];
    // Called on its own object, as a method is.
    const answer: unknown = typeof run === 'function' ? Reflect.apply(run, given, [input, context]) : undefined;
    return answer;
  };
}

interface Declaration {
  readonly schema: JsonMap;
  readonly type: Type;
}

/** Fields as in a definition's `input`, or a JSON Schema of type `object`. */
function readDeclaration(given: unknown, path: string, problems: Problems): Declaration | undefined {
  if (!isJson(given) || !isJsonMap(given)) {
    const hint = "name each field with its type, for example { order_id: 'string', 'note?': 'string' }";
    problems.error('FIRN504', { ...TOP, path }, `${path} must be a map of fields, and is ${show(given)}`, hint);
    return undefined;
  }
  if (given['type'] === 'object') {
    const schema = checkableSchema(given);
    const reason = schemaProblem(schema);
    if (reason === undefined) return { schema, type: typeOfSchema(schema) };
    problems.error('FIRN504', { ...TOP, path }, `nothing can be checked against ${path}: ${reason}`);
    return undefined;
  }
  const inner = new Problems(problems.file);
  const fields = compileFields(toParsed(given, path), inner);
  for (const { message, hint, path: place } of inner.all) {
    problems.error('FIRN504', { ...TOP, path: place }, `${place}: ${message}`, hint);
  }
  return fields;
}

/** A JavaScript value as the compiler reads it; its places are names, because its lines are not known. */
function toParsed(value: Json, path: string): Parsed {
  if (Array.isArray(value)) {
    const items = value.map((item: Json, index) => toParsed(item, `${path}[${index}]`));
    return { is: 'list', items, at: TOP.at, path };
  }
  if (isJsonMap(value)) {
    const entries = Object.entries(value).map(([key, item]) => ({
      key,
      keyAt: TOP.at,
      value: toParsed(item, `${path}.${key}`),
    }));
    return { is: 'map', entries, at: TOP.at, path };
  }
  const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  return { is: 'scalar', value: scalar, at: TOP.at, length: 1, path, locate: () => TOP.at };
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  return isJson(value) ? JSON.stringify(value) : `a ${typeof value}`;
}
