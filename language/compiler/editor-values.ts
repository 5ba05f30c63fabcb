/**
 * Parts of an editor's schema (editor-schema.ts): descriptions in Markdown, and what the marks of a schema stand for.
 *
 * PURE.
 */
import { isJsonMap, type Json, type JsonMap } from '../plan/json.js';

export const EXPRESSION_MARK = 'expression';

/** An expression in a snippet, where a `$` that is no tab stop is escaped; `stop` is the place to type. */
export function expressionBody(stop: string): string {
  return `"\\\${{ ${stop} }}"`;
}

/** What each `$comment` stands for, beside the schema's own words. */
const MARKS: ReadonlyMap<Json, JsonMap> = new Map<Json, JsonMap>([
  ['steps', { type: 'array', items: { $ref: '#/definitions/step' } }],
  ['step', { $ref: '#/definitions/step' }],
  ['fields', { type: 'object', additionalProperties: { $ref: '#/definitions/field' } }],
  [
    EXPRESSION_MARK,
    { defaultSnippets: [{ label: '${{ … }}', description: 'an expression', body: expressionBody('$1') }] },
  ],
  ['value', {}],
]);

/** A schema with Markdown descriptions, and its marks replaced. */
export function forEditorMap(schema: JsonMap): JsonMap {
  const { $comment: mark, ...rest } = schema;
  const parts = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, forEditor(value)]));
  const { description } = rest;
  const markdown = typeof description === 'string' ? { markdownDescription: description } : {};
  const meant = mark === undefined ? {} : (MARKS.get(mark) ?? {});
  // Beside a reference nothing else counts in this draft.
  return '$ref' in meant ? meant : { ...parts, ...markdown, ...meant };
}

function forEditor(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map((item: Json) => forEditor(item));
  return isJsonMap(schema) ? forEditorMap(schema) : schema;
}
