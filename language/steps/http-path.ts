/**
 * The path of a request: its structure is the definition's, and what a run computes is one encoded piece of it.
 *
 * PURE. Whatever a value holds (`../`, `/`, `?x=1`, `%2e%2e`, `//host`), it stays inside the piece that it stands in: it is
 * percent-encoded, and what a server could still take for a step upwards is refused.
 */
import { PRIVATE } from '../expressions/private.js';
import { splitTemplate } from '../expressions/template.js';
import { failure } from '../plan/failure.js';
import type { Json } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import type { Expression, Value } from '../plan/plan.js';
import type { Place } from '../plan/problem.js';
import { TEXT } from '../plan/types.js';
import { textFrom } from './bodies.js';
import type { CompileContext } from './kind.js';
import { textOfJson } from './said.js';

/** Characters of a path with everything filled in. */
const MOST_LENGTH = 4_000;
/** What the path of a URL holds as it is (RFC 3986), and a percent sign with two digits. */
const LITERAL = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
const ODD = /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/;
/** `.` and `..` as a whole segment, also as a URL parser knows them. */
const DOTS = /^(?:\.|%2e){1,2}$/i;
/** Stands for an expression while the structure is looked at. */
const PIECE = '\u0000';

/** The path as text with expressions. Problems: FIRN420, and what is wrong inside its expressions. */
export function compilePath(parsed: Parsed, context: CompileContext): Value | undefined {
  if (parsed.is !== 'scalar' || typeof parsed.value !== 'string') return undefined;
  const template = splitTemplate(parsed.value);
  const literals = template.parts.map((part) => (typeof part === 'string' ? part : PIECE));
  const fault = template.problem === undefined ? faultOf(literals) : undefined;
  if (fault !== undefined) {
    const at = fault.quoted === undefined ? -1 : parsed.value.indexOf(fault.quoted);
    const whole: Place = parsed;
    const place = at < 0 ? whole : { at: parsed.locate(at), path: parsed.path, length: 1 };
    context.error('FIRN420', place, fault.message, fault.hint);
  }
  const compiled = context.value(parsed, TEXT);
  return fault === undefined ? compiled?.value : undefined;
}

interface Fault {
  readonly message: string;
  readonly hint: string;
  readonly quoted?: string;
}

function faultOf(literals: readonly string[]): Fault | undefined {
  const whole = literals.join('');
  const shown = `"${whole.replaceAll(PIECE, '${{ … }}')}"`;
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(whole) || whole.startsWith('//')) {
    const hint = 'the address stands at the connection in firn.yaml; write what comes behind it, as in `/orders`';
    return { message: `${shown} names a host, and here only the path of a request stands`, hint };
  }
  if (!whole.startsWith('/')) {
    const why = whole.startsWith(PIECE)
      ? 'the structure of a path is written in the definition and never computed'
      : '';
    const hint = `${why === '' ? '' : `${why}; `}a path begins with "/", as in \`/orders/\${{ order.id }}\``;
    return { message: `${shown} does not begin with "/"`, hint };
  }
  const literal = literals.find((part) => part !== PIECE && !LITERAL.test(part));
  const odd = literal === undefined ? undefined : ODD.exec(literal)?.[0];
  if (odd !== undefined) return { ...oddCharacter(odd, shown), quoted: odd };
  const segments = whole.split('/').slice(1);
  const empty = segments.slice(0, -1).includes('');
  if (empty || segments.some((segment) => DOTS.test(segment))) {
    const what = empty ? 'an empty part ("//")' : 'a step to another place ("." or "..")';
    return { message: `${shown} has ${what} in it`, hint: 'write the whole path, part by part' };
  }
  return undefined;
}

function oddCharacter(odd: string, shown: string): Fault {
  if (odd === '?') return { message: `${shown} has a query in it`, hint: 'write it under `query`, as `name: value`' };
  if (odd === '#') return { message: `${shown} has a fragment in it`, hint: 'a fragment is never sent: leave it out' };
  const hint = odd === '%' ? 'a percent sign itself is written %25' : `write it as ${percent(odd)}`;
  return { message: `${shown} has ${JSON.stringify(odd)} in it, which no path can hold`, hint };
}

function percent(character: string): string {
  try {
    return encodeURIComponent(character);
  } catch {
    return 'another character';
  }
}

/** The path with its values. Failure `invalid` where a value is empty, or would lead elsewhere. */
export function pathFrom(value: Value, evaluate: (value: Value) => Json): string {
  const parts = value.is === 'text' ? value.parts : [textFrom(evaluate(value), 'the path')];
  const pieces = parts.map((part) => {
    if (typeof part === 'string') return part;
    return encodePiece(part, textFrom(evaluate({ is: 'text', parts: [part] }), 'a part of the path'));
  });
  const path = pieces.join('');
  if (path.split('/').some((segment) => DOTS.test(segment))) {
    const message = `the path ${writtenPath(value)} would lead to another place with these values`;
    throw failure('invalid', `${message}: it would have a step upwards in it`);
  }
  if (path.length > MOST_LENGTH) {
    throw failure(
      'invalid',
      `the path ${writtenPath(value)} has ${path.length} characters; it can have ${MOST_LENGTH}`,
    );
  }
  return path;
}

function encodePiece(part: Expression, text: string): string {
  const name = `\`\${{ ${part.source} }}\``;
  if (text === '') throw failure('invalid', `${name} is a part of the path of this request, and it is empty`);
  // A server that decodes twice would see the steps that a slash in a value hides.
  const upwards = text.split(/[/\\]/).some((piece) => DOTS.test(piece));
  if (upwards || /\p{Cc}|\p{Surrogate}/u.test(text)) {
    const why = upwards ? 'it would lead to another place' : 'no path can hold that';
    throw failure(
      'invalid',
      `${name} is a part of the path of this request, and it is ${part.private === true ? PRIVATE : show(text)}: ${why}`,
    );
  }
  return encodeURIComponent(text);
}

function show(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** The path as it is written, for summaries: `/orders/{order.id}`. */
export function writtenPath(value: Value): string {
  if (value.is === 'literal') return textOfJson(value.value);
  if (value.is !== 'text') return '';
  return value.parts.map((part) => (typeof part === 'string' ? part : `{${part.source}}`)).join('');
}
