/**
 * The shape of a step for editors (editor-schema.ts): one shape per verb, found by the verb that stands there, so that a step
 * with a verb is offered what belongs to it, and one without is offered the verbs.
 *
 * PURE. Comes from the kinds alone. Alternatives (`oneOf`) would do for a validator; an editor has to guess which of them
 * was meant, and then underlines the wrong thing.
 */
import { isJson, isJsonMap, type Json, type JsonMap } from '../plan/json.js';
import { get, toPlain } from '../plan/parsed.js';
import { Problems } from '../plan/problem.js';
import type { Schema } from '../steps/kind.js';
import { kinds, type Kind } from '../steps/index.js';
import { EXPRESSION_MARK, expressionBody, forEditorMap } from './editor-values.js';
import { parse } from './parse.js';

const KINDS: readonly Kind[] = Object.values(kinds);
const VERBS: readonly string[] = KINDS.map(({ verb }) => verb);

/** `step`; and what it refers to: `step_<verb>`, `verb_<verb>`, `common_<key>`. */
export function stepDefinitions(common: JsonMap): JsonMap {
  const keys = mapAt(forEditorMap(common), 'properties');
  const beside = refs('common', Object.keys(keys));
  const withoutVerb: JsonMap = {
    properties: { ...beside, ...refs('verb', VERBS) },
    additionalProperties: false,
    anyOf: VERBS.map((verb) => ({
      required: [verb],
      errorMessage: 'this step has no verb: nothing says what it does',
    })),
    defaultSnippets: KINDS.map(snippetOf),
  };
  const byVerb = VERBS.reduceRight<JsonMap>(
    (otherwise, verb) => ({
      if: { type: 'object', required: [verb] },
      then: { $ref: `#/definitions/step_${verb}` },
      else: otherwise,
    }),
    withoutVerb,
  );
  return {
    step: { type: 'object', title: 'step', description: 'One step: a verb, and what every step may have.', ...byVerb },
    ...named(VERBS, (verb) => [
      `step_${verb}`,
      { type: 'object', title: verb, properties: { ...beside, ...refs('verb', [verb]) }, additionalProperties: false },
    ]),
    ...named(KINDS, (kind) => [`verb_${kind.verb}`, bodyOf(kind)]),
    ...named(Object.keys(keys), (key) => [`common_${key}`, mapAt(keys, key)]),
  };
}

function refs(group: string, names: readonly string[]): JsonMap {
  return named(names, (name) => [name, { $ref: `#/definitions/${group}_${name}` }]);
}

function named<Item>(items: readonly Item[], entry: (item: Item) => readonly [string, Json]): JsonMap {
  return Object.fromEntries(items.map(entry));
}

function bodyOf(kind: Kind): JsonMap {
  const example = `\`\`\`yaml\n${kind.example.trimEnd()}\n\`\`\``;
  return {
    ...forEditorMap(kind.schema),
    title: kind.verb,
    description: kind.about,
    markdownDescription: [kind.about, `Result: ${kind.result}`, example].join('\n\n'),
    examples: exampleOf(kind),
    defaultSnippets: [{ body: skeleton(kind.schema, new Stops()) }],
  };
}

/** What stands under the verb in the kind's own example. */
function exampleOf(kind: Kind): readonly Json[] {
  const tree = parse(kind.example, new Problems('example'));
  const body = (tree?.is === 'list' ? tree.items : [])
    .map((step) => get(step, kind.verb))
    .find((found) => found !== undefined);
  const value = body === undefined ? undefined : toPlain(body);
  return isJson(value) ? [value] : [];
}

/** A whole step with the keys that its verb needs, and a place to type for each. */
function snippetOf(kind: Kind): JsonMap {
  const stops = new Stops();
  const body = { id: stops.next('name'), [kind.verb]: skeleton(kind.schema, stops) };
  return { label: `${kind.verb} …`, description: kind.about, body };
}

function skeleton(schema: Schema, stops: Stops): Json {
  if (schema['$comment'] === EXPRESSION_MARK) return expressionBody(stops.next());
  if (schema['type'] === 'array') return [stops.next()];
  if (schema['type'] !== 'object') return stops.next();
  const properties = mapAt(schema, 'properties');
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  if (required.length > 0)
    return Object.fromEntries(required.map((key) => [key, skeleton(mapAt(properties, key), stops)]));
  return Object.keys(properties).length > 0 ? stops.next() : { [stops.next('name')]: stops.next() };
}

/** Numbered places to type. */
class Stops {
  private count = 0;

  next(word?: string): string {
    this.count += 1;
    return word === undefined ? `$${this.count}` : `\${${this.count}:${word}}`;
  }
}

function mapAt(map: JsonMap, key: string): JsonMap {
  const value = map[key];
  return isJsonMap(value) ? value : {};
}
