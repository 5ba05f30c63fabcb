/**
 * Shapes that several kinds share, as pieces of JSON Schema.
 *
 * PURE. A piece with a `$comment` stands for something larger that only the compiler knows: `steps` for a list of
 * steps, `expression` for a value that must be one `${{ … }}`, `value` for any value. Validators skip the comment;
 * the editor schema puts the definition of that name in its place.
 */
import type { Schema } from './kind.js';

/** Any value: literal, expression, text with expressions, or a map or list of such. */
export const VALUE = { $comment: 'value' } as const satisfies Schema;

/** Text, literal or with expressions; a whole expression may give other scalars, which the types settle. */
export const TEXT_VALUE = { type: 'string', minLength: 1 } as const satisfies Schema;

/** A value that must be one `${{ … }}`. */
export const EXPRESSION = { $comment: 'expression', type: 'string', minLength: 1 } as const satisfies Schema;

/** A name that the definition or firn.yaml declares. */
export const NAME = { type: 'string', minLength: 1, maxLength: 100 } as const satisfies Schema;

/** `connection.table` */
export const TABLE = {
  type: 'string',
  minLength: 1,
  maxLength: 200,
  description: 'a table, as `connection.table`',
} as const satisfies Schema;

/** A list of steps. */
export const STEPS = {
  $comment: 'steps',
  type: 'array',
  items: { type: 'object' },
  description: 'what happens in this branch, from top to bottom',
} as const satisfies Schema;

/** What a block hands to the outside: a map. */
export const OUTPUT = {
  type: 'object',
  additionalProperties: VALUE,
  description: 'what it hands to the outside: names with values',
} as const satisfies Schema;

export const BRANCH = {
  type: 'object',
  description: 'a branch: `{steps, output}`, or `{}` to do nothing',
  properties: { steps: STEPS, output: OUTPUT },
  additionalProperties: false,
} as const satisfies Schema;

/** `column: value`, or `column: {lt, le, gt, ge, ne, in}`. */
export const WHERE = {
  type: 'object',
  description: 'which rows: `column: value`, or `column: {lt, le, gt, ge, ne, in}`; all must hold',
  additionalProperties: {
    type: ['string', 'number', 'boolean', 'object'],
    description: 'a value, or `{lt, le, gt, ge, ne, in}`; one of several values is `{in: [a, b]}`',
    properties: {
      lt: VALUE,
      le: VALUE,
      gt: VALUE,
      ge: VALUE,
      ne: VALUE,
      in: { type: ['array', 'string'], items: VALUE, minItems: 1, maxItems: 1000 },
    },
    additionalProperties: false,
    minProperties: 1,
  },
} as const satisfies Schema;

/** The `where` of a write: it must say which rows. */
export const WHERE_OF_A_WRITE = { ...WHERE, minProperties: 1 } as const satisfies Schema;

/** `column: value` of a row that is written. */
export const COLUMNS = {
  type: 'object',
  additionalProperties: VALUE,
  minProperties: 1,
  description: 'columns with their values',
} as const satisfies Schema;

export const EXPECT = {
  enum: ['one', 'none-or-one', 'any'],
  description: 'how many rows it may meet; `one` unless said otherwise',
} as const satisfies Schema;
