/**
 * Activities of an application: what a module that firn.yaml names under `activities` exports.
 *
 * HOST, and nothing but types and a frozen object at run time: a module that only declares activities loads nothing else.
 *
 * ```js
 * import { defineActivity, Refused } from 'firnflow/activities';
 *
 * export const chargeCard = defineActivity({
 *   name: 'charge_card',
 *   about: 'Charges the card of a customer',
 *   effect: 'repeatable', // the payment service takes a key: asking twice is as asking once
 *   takes: { customer: 'string', amount: { type: 'number', minimum: 0 }, 'note?': 'string' },
 *   gives: { charge: 'string', status: ['paid', 'pending'] },
 *   async run({ customer, amount }, { key, signal }) {
 *     const answer = await payments.charge({ customer, amount, idempotencyKey: key, signal });
 *     if (answer.declined) throw new Refused(`the card of ${customer} was declined`);
 *     return { charge: answer.id, status: answer.status };
 *   },
 * });
 * ```
 *
 * A step names it: `use: { activity: charge_card, with: { customer: "${{ order.customer }}", amount: "${{ order.total }}" } }`.
 * Whatever `run` throws is tried again, but for an error with `retryable: false`, such as `Refused`; an activity whose effect
 * is `once` is never tried again.
 */
import type { ActivityContext } from '../setup/application-activities.js';
import type { JsonMap } from '../language/plan/json.js';

export type { ActivityContext };

/** A field: a type name, texts to choose from, a list with one map, JSON Schema with `type`, or a map of fields. */
export type FieldDeclaration =
  | TypeName
  | readonly string[]
  | readonly [Fields]
  | { readonly type: TypeName | 'array'; readonly [keyword: string]: unknown }
  | Fields;

/** Names with their fields, as in a definition's `input`; `'name?'` may be absent. */
export interface Fields {
  readonly [name: string]: FieldDeclaration;
}

/** In place of fields: a JSON Schema. Its values are not known to TypeScript. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly properties: { readonly [name: string]: unknown };
  readonly [keyword: string]: unknown;
}

type TypeName = 'string' | 'number' | 'integer' | 'boolean' | 'date-time';

/** What a declared map holds. `date-time` is RFC 3339 text. */
export type ValueOf<Declared> = Declared extends ObjectSchema
  ? JsonMap
  : { readonly [Name in keyof Declared as Name extends `${string}?` ? never : Name]: FieldValue<Declared[Name]> } & {
      readonly [Name in keyof Declared as Name extends `${infer Plain}?` ? Plain : never]?: FieldValue<Declared[Name]>;
    };

type FieldValue<Field> = Field extends 'string' | 'date-time'
  ? string
  : Field extends 'number' | 'integer'
    ? number
    : Field extends 'boolean'
      ? boolean
      : Field extends readonly (infer Item)[]
        ? Item extends string
          ? Item
          : readonly ValueOf<Item>[]
        : Field extends { readonly type: 'array'; readonly items: infer Item }
          ? readonly FieldValue<Item>[]
          : Field extends { readonly type: 'string'; readonly enum: readonly (infer Value)[] }
            ? Value
            : Field extends { readonly type: infer Type extends TypeName }
              ? FieldValue<Type>
              : ValueOf<Field>;

export interface ActivityDefinition<Takes, Gives> {
  /** What a step writes: letters, digits, `-` and `_`. */
  readonly name: string;
  readonly about?: string;
  /**
   * `read` changes nothing. `repeatable`: asking twice under one key is as asking once. `once`: it is not, so there is one
   * attempt, and when nobody can tell what came of it, a person decides.
   */
  readonly effect: 'read' | 'repeatable' | 'once';
  /** Its arguments; nothing when left out. Checked before `run` is called. */
  readonly takes?: Takes;
  /** Its result; a value of unknown type when left out. Checked when `run` has answered. */
  readonly gives?: Gives;
  /** What it gives may be used where only the author's own words may stand, such as the recipient of a message. */
  readonly trusted?: boolean;
  run(input: ValueOf<Takes>, context: ActivityContext): Given<Gives> | Promise<Given<Gives>>;
}

/** A map that is declared, or anything that JSON can hold. */
type Given<Gives> = string extends keyof Gives ? unknown : ValueOf<Gives>;

/** Declares an activity. What is wrong with it is said by `firn validate`, and when a worker starts. */
export function defineActivity<
  const Takes extends Fields | ObjectSchema = Fields,
  const Gives extends Fields | ObjectSchema = Fields,
>(definition: ActivityDefinition<Takes, Gives>): ActivityDefinition<Takes, Gives> {
  return Object.freeze({ ...definition });
}

/** Thrown by an activity that will not do it, and has done nothing: no further attempt would help. */
export class Refused extends Error {
  readonly retryable = false;
}
