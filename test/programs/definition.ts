/**
 * A generated definition as a plain object, and its text. The reference walks the object, the compiler reads the text.
 */
import { stringify } from 'yaml';
import { formatDuration } from '../../language/plan/duration.js';
import { written, type Expr } from './expressions.js';

export interface Definition {
  readonly ends_within_ms: number;
  readonly body: Branch;
}

/** Names with what they are given; in the order in which they are written. */
export type Fields = readonly (readonly [string, Expr])[];

export interface Branch {
  readonly steps: readonly Step[];
  readonly output?: Fields;
}

export interface Retry {
  readonly attempts: number;
  readonly first_ms: number;
  readonly factor: number;
  readonly most_ms: number;
}

export interface Step {
  /** Of a step that is written without one: what the engine calls it. */
  readonly id: string;
  readonly bare?: true;
  readonly does: Verb;
  readonly when?: Expr;
  readonly timeout_ms?: number;
  readonly retry?: Retry;
  readonly ensure?: Expr;
  readonly undo?: Verb;
}

export interface NamedBranch extends Branch {
  readonly name: string;
}
export interface ValueCase extends Branch {
  /** `else` for every other value. */
  readonly is: string;
}
export interface WhenCase extends Branch {
  readonly when?: Expr;
}
export interface Catch extends Branch {
  readonly on?: readonly string[];
  readonly as?: string;
}
export interface Rule {
  readonly id: string;
  readonly when?: Expr;
  readonly answer: string;
}

export type Verb =
  | { readonly verb: 'read'; readonly where: Expr; readonly optional: boolean }
  | { readonly verb: 'list'; readonly first: number }
  | { readonly verb: 'create'; readonly amount: Expr; readonly reason: Expr }
  | { readonly verb: 'update'; readonly where: Expr; readonly amount: Expr }
  | { readonly verb: 'delete'; readonly where: Expr }
  | { readonly verb: 'set'; readonly values: Fields }
  | { readonly verb: 'switch'; readonly of: Expr; readonly cases: readonly ValueCase[] }
  | { readonly verb: 'choose'; readonly cases: readonly WhenCase[] }
  | {
      readonly verb: 'for_each';
      readonly in: Expr;
      readonly as: string;
      readonly at_once: number;
      readonly collect: boolean;
      readonly branch: Branch;
    }
  | {
      readonly verb: 'repeat';
      readonly branch: Branch;
      readonly until: Expr;
      readonly at_most: number;
      readonly every_ms: number | undefined;
    }
  | { readonly verb: 'parallel' | 'race'; readonly branches: readonly NamedBranch[] }
  | {
      readonly verb: 'try';
      readonly branch: Branch;
      readonly catches: readonly Catch[];
      readonly finally: readonly Step[];
    }
  | { readonly verb: 'return'; readonly output: Fields }
  | { readonly verb: 'refuse'; readonly reason: Expr }
  | { readonly verb: 'fail'; readonly type: string; readonly message: Expr }
  | { readonly verb: 'wait'; readonly for_ms: number }
  | { readonly verb: 'tell'; readonly text: Expr }
  | { readonly verb: 'approve'; readonly what: string; readonly for: readonly string[]; readonly rejects: boolean }
  | { readonly verb: 'ask'; readonly what: string }
  | {
      readonly verb: 'decide';
      /** With a text, a model and then a person answer where no rule does. */
      readonly about?: Expr;
      readonly answers: readonly string[];
      readonly rules: readonly Rule[];
    }
  | { readonly verb: 'call'; readonly text: Expr; readonly detached: boolean }
  | { readonly verb: 'send'; readonly message: string; readonly n: Expr }
  | { readonly verb: 'receive'; readonly message: string };

export type Of<Name extends Verb['verb']> = Extract<Verb, { verb: Name }>;

export const ADDRESSEE = 'another-run';
const EMAIL = 'customer@shop.example';
type Written = { readonly [key: string]: unknown };

/** The text of the definition; `\r`-free, every text quoted, so that YAML's own traps are not what is tried here. */
export function textOf({ ends_within_ms, body }: Definition): string {
  const definition = {
    workflow: 'generated',
    summary: 'A generated program',
    owner: 'support',
    ends_within: formatDuration(ends_within_ms),
    uses: ['shop'],
    input: { never: 'boolean', n: 'number', t: 'string' },
    ...writtenBranch(body),
  };
  return stringify(definition, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 });
}

function writtenFields(fields: Fields): Written {
  return Object.fromEntries(fields.map(([name, value]) => [name, plain(value)]));
}

/** A literal stands as itself, anything else as an expression. */
function plain(expr: Expr): string | number | boolean {
  return expr.e === 'literal' ? expr.value : written(expr);
}

function writtenBranch({ steps, output }: Branch): Written {
  return {
    ...(steps.length === 0 ? {} : { steps: steps.map(writtenStep) }),
    ...(output === undefined ? {} : { output: writtenFields(output) }),
  };
}

function writtenStep({ id, bare, does, when, timeout_ms, retry, ensure, undo }: Step): Written {
  return {
    ...(bare === true ? {} : { id }),
    ...(when === undefined ? {} : { when: written(when) }),
    ...writtenVerb(does),
    ...(timeout_ms === undefined ? {} : { timeout: formatDuration(timeout_ms) }),
    ...(retry === undefined ? {} : { retry: writtenRetry(retry) }),
    ...(ensure === undefined ? {} : { ensure: written(ensure) }),
    ...(undo === undefined ? {} : { undo: writtenVerb(undo) }),
  };
}

function writtenRetry({ attempts, first_ms, factor, most_ms }: Retry): Written {
  return { attempts, first: formatDuration(first_ms), factor, most: formatDuration(most_ms) };
}

function writtenVerb(does: Verb): Written {
  switch (does.verb) {
    case 'read': {
      const read = { from: 'shop.orders', where: { id: plain(does.where) } };
      return { read: does.optional ? { ...read, optional: true } : read };
    }
    case 'list':
      return { list: { from: 'shop.orders', order_by: ['id'], first: does.first } };
    case 'create':
      return {
        create: {
          in: 'shop.refunds',
          values: { order_id: 'A-1', amount: plain(does.amount), reason: plain(does.reason) },
        },
      };
    case 'update':
      return {
        update: { in: 'shop.refunds', where: { id: plain(does.where) }, set: { amount: plain(does.amount) } },
      };
    case 'delete':
      return { delete: { from: 'shop.refunds', where: { id: plain(does.where) } } };
    case 'set':
      return { set: writtenFields(does.values) };
    case 'switch':
      return {
        switch: {
          of: written(does.of),
          cases: Object.fromEntries(does.cases.map((one) => [one.is, writtenBranch(one)])),
        },
      };
    case 'choose':
      return {
        switch: {
          cases: does.cases.map((one) => ({
            ...(one.when === undefined ? {} : { when: written(one.when) }),
            ...writtenBranch(one),
          })),
        },
      };
    case 'for_each':
      return {
        for_each: {
          in: written(does.in),
          ...(does.as === 'item' ? {} : { as: does.as }),
          ...writtenBranch(does.branch),
          ...(does.at_once === 1 ? {} : { at_once: does.at_once }),
          ...(does.collect ? { on_error: 'collect' } : {}),
        },
      };
    case 'repeat':
      return {
        repeat: {
          ...writtenBranch(does.branch),
          until: written(does.until),
          at_most: does.at_most,
          ...(does.every_ms === undefined ? {} : { every: formatDuration(does.every_ms) }),
        },
      };
    case 'parallel':
    case 'race':
      return { [does.verb]: Object.fromEntries(does.branches.map((one) => [one.name, writtenBranch(one)])) };
    case 'try':
      return {
        try: {
          ...writtenBranch(does.branch),
          ...(does.catches.length === 0 ? {} : { catch: does.catches.map(writtenCatch) }),
          ...(does.finally.length === 0 ? {} : { finally: does.finally.map(writtenStep) }),
        },
      };
    case 'return':
      return { return: writtenFields(does.output) };
    case 'refuse':
      return { refuse: plain(does.reason) };
    case 'fail':
      return { fail: { type: does.type, message: plain(does.message) } };
    case 'wait':
      return { wait: { for: formatDuration(does.for_ms) } };
    case 'tell':
      return { tell: { who: 'customer', to: EMAIL, text: plain(does.text) } };
    case 'approve': {
      const subject = does.for.length === 0 ? { what: does.what } : { for: does.for };
      return { approve: { ...subject, by: 'support', ...(does.rejects ? { on_timeout: 'reject' } : {}) } };
    }
    case 'ask':
      return { ask: { what: does.what, by: 'support', form: { n: 'number', t: 'string', 'b?': 'boolean' } } };
    case 'decide':
      return {
        decide: {
          ...(does.about === undefined ? {} : { ask: 'Which one?', about: plain(does.about), otherwise: 'support' }),
          answers: Object.fromEntries(does.answers.map((answer) => [answer, `The answer ${answer}`])),
          rules: does.rules.map(({ id, when, answer }) => ({
            id,
            ...(when === undefined ? {} : { when: written(when) }),
            answer,
          })),
        },
      };
    case 'call': {
      const call = { workflow: 'remind', with: { text: plain(does.text) } };
      return { call: does.detached ? { ...call, detached: true } : call };
    }
    case 'send':
      return { send: { to: ADDRESSEE, message: does.message, values: { n: plain(does.n) } } };
    case 'receive':
      return { receive: { message: does.message, fields: { n: 'number', t: 'string' } } };
  }
}

function writtenCatch({ on, as, ...branch }: Catch): Written {
  return {
    ...(on === undefined ? {} : { on }),
    ...(as === undefined ? {} : { as }),
    ...writtenBranch(branch),
  };
}
