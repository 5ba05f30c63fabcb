/**
 * Expressions of generated programs: a small tree that is written as CEL for the compiler and computed here for the
 * reference. Only what both agree on without doubt: whole numbers that stay small, texts, booleans, lists by name.
 */
import { isJsonMap, type Json } from '../../language/plan/json.js';

export type Expr =
  | { readonly e: 'literal'; readonly value: string | number | boolean }
  /** Whole numbers as a list. */
  | { readonly e: 'numbers'; readonly values: readonly number[] }
  /** `name.field.field`; every part certainly exists. */
  | { readonly e: 'get'; readonly path: readonly string[] }
  /** `name.?field.?field.orValue(or)`. */
  | { readonly e: 'maybe'; readonly path: readonly string[]; readonly or: string | number | boolean }
  /** `name.?field` alone: where it is absent, the key it is written for is left out. */
  | { readonly e: 'absent'; readonly path: readonly string[] }
  | { readonly e: 'size'; readonly path: readonly string[] }
  | { readonly e: 'not'; readonly of: Expr }
  | { readonly e: 'either'; readonly when: Expr; readonly then: Expr; readonly otherwise: Expr }
  | { readonly e: 'two'; readonly op: Operator; readonly left: Expr; readonly right: Expr }
  /** Text with interpolations. */
  | { readonly e: 'text'; readonly parts: readonly (string | Expr)[] };

export type Operator = '+' | '-' | '<' | '<=' | '==' | '!=' | '&&' | '||';

/** What a name stands for, or undefined where it is absent. */
export type Lookup = (name: string) => Json | undefined;

/** As it stands in a definition: `${{ … }}`, or text with such parts. */
export function written(expr: Expr): string {
  if (expr.e !== 'text') return `\${{ ${cel(expr)} }}`;
  return expr.parts.map((part) => (typeof part === 'string' ? part : written(part))).join('');
}

function cel(expr: Expr): string {
  switch (expr.e) {
    case 'literal':
      return constant(expr.value);
    case 'numbers':
      return `[${expr.values.join(', ')}]`;
    case 'get':
      return expr.path.join('.');
    case 'maybe':
      return `${expr.path.join('.?')}.orValue(${constant(expr.or)})`;
    case 'absent':
      return expr.path.join('.?');
    case 'size':
      return `size(${expr.path.join('.')})`;
    case 'not':
      return `!(${cel(expr.of)})`;
    case 'either':
      return `(${cel(expr.when)} ? ${cel(expr.then)} : ${cel(expr.otherwise)})`;
    case 'two':
      return `(${cel(expr.left)} ${expr.op} ${cel(expr.right)})`;
    case 'text':
      throw new Error('text stands alone');
  }
}

function constant(value: string | number | boolean): string {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'number' && value < 0 ? `(${value})` : String(value);
}

/** The value, or undefined where an `absent` is. A name that is not there is a bug of the generator. */
export function valueOf(expr: Expr, lookup: Lookup): Json | undefined {
  const must = (one: Expr): Json => {
    const value = valueOf(one, lookup);
    if (value === undefined) throw new Error(`nothing is at ${JSON.stringify(one)}`);
    return value;
  };
  switch (expr.e) {
    case 'literal':
      return expr.value;
    case 'numbers':
      return expr.values;
    case 'get':
      return found(expr.path, lookup) ?? missing(expr.path);
    case 'maybe':
      return found(expr.path, lookup) ?? expr.or;
    case 'absent':
      return found(expr.path, lookup);
    case 'size': {
      const list = found(expr.path, lookup);
      return Array.isArray(list) ? list.length : missing(expr.path);
    }
    case 'not':
      return must(expr.of) !== true;
    case 'either':
      return must(expr.when) === true ? must(expr.then) : must(expr.otherwise);
    case 'two':
      return operate(expr.op, must(expr.left), () => must(expr.right));
    case 'text':
      return expr.parts.map((part) => (typeof part === 'string' ? part : String(must(part)))).join('');
  }
}

function operate(op: Operator, left: Json, right: () => Json): Json {
  if (op === '&&') return left === true && right() === true;
  if (op === '||') return left === true || right() === true;
  const other = right();
  if (op === '==') return left === other;
  if (op === '!=') return left !== other;
  if (typeof left === 'string' && typeof other === 'string' && op === '+') return left + other;
  if (typeof left !== 'number' || typeof other !== 'number') throw new Error(`${op} of no numbers`);
  if (op === '+') return left + other;
  if (op === '-') return left - other;
  return op === '<' ? left < other : left <= other;
}

function found([name, ...fields]: readonly string[], lookup: Lookup): Json | undefined {
  let value = name === undefined ? undefined : lookup(name);
  for (const field of fields) value = isJsonMap(value) ? value[field] : undefined;
  return value;
}

function missing(path: readonly string[]): never {
  throw new Error(`nothing is at ${path.join('.')}`);
}
