/**
 * What YAML allows and a definition does not: checked on the text and on the library's own errors, before any value is read.
 *
 * PURE. Rule 9 of the language: size first, so that nothing below can be made slow; then depth, directives, several
 * documents; then the parser's errors, put into words an author can act on. Reports problems; never throws.
 */
import { Lexer, Parser, visit } from 'yaml';
import type { CST, Document, YAMLError } from 'yaml';
import type { Position } from '../plan/parsed.js';
import type { ProblemCode, Problems } from '../plan/problem.js';
import type { Source } from './source.js';

/** Bytes of a definition, as UTF-8. */
const SIZE_LIMIT = 256 * 1024;
const LINE_LIMIT = 4000;
/** Collections inside each other. A step in a branch of a switch is seven levels further in. */
const DEPTH_LIMIT = 100;
/** Words and signs of YAML. The densest definition of 256 KiB that anybody would write has a third of it. */
const LEXEME_LIMIT = 100_000;

const TOP: Position = { line: 1, column: 1 };

/** False when the file is too large to be looked at. */
export function checkSize(source: Source, problems: Problems): boolean {
  const place = { at: TOP, path: '' };
  if (source.text.length > SIZE_LIMIT || new TextEncoder().encode(source.text).length > SIZE_LIMIT) {
    const kib = Math.ceil(new TextEncoder().encode(source.text).length / 1024);
    problems.error(
      'FIRN101',
      place,
      `the file has ${kib} KiB; at most 256 KiB are read`,
      'split it into several definitions',
    );
    return false;
  }
  if (source.lines > LINE_LIMIT + 1) {
    const message = `the file has ${source.lines} lines; at most ${LINE_LIMIT} are read`;
    problems.error('FIRN101', place, message, 'split it into several definitions');
    return false;
  }
  return true;
}

/** The tokens of the text; undefined when it is nested too deeply or has directives. */
export function tokenize(source: Source, problems: Problems): CST.Token[] | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(source.text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    lexemes += 1;
    if (lexemes > LEXEME_LIMIT) {
      const message = `the file has more than ${LEXEME_LIMIT} words and signs; no more are read`;
      problems.error('FIRN101', { at: TOP, path: '' }, message, 'split it into several definitions');
      return undefined;
    }
    if (parser.stack.length > DEPTH_LIMIT) {
      const place = { at: source.positionAt(parser.offset), path: '' };
      problems.error(
        'FIRN114',
        place,
        `maps and lists are nested more than ${DEPTH_LIMIT} deep here`,
        'use fewer levels',
      );
      return undefined;
    }
  }
  for (const token of parser.end()) tokens.push(token);
  const directive = tokens.find((token) => token.type === 'directive');
  if (directive === undefined) return tokens;
  const line = source.text.slice(directive.offset).split(/\r?\n/, 1).join('');
  const place = { at: source.positionAt(directive.offset), path: '', length: line.length };
  problems.error(
    'FIRN106',
    place,
    `"${line}" is a directive, and directives change what YAML means`,
    'remove the line',
  );
  return undefined;
}

/** Reports what the parser found; several errors usually have one cause, so the first of its sort is the one told. */
export function reportErrors(document: Document.Parsed, source: Source, problems: Problems): void {
  const lines = new Set<number>();
  let told = 0;
  for (const error of document.errors) {
    const offset = openingQuote(error, document) ?? error.pos[0];
    const at = source.positionAt(offset);
    if (lines.has(at.line)) continue;
    lines.add(at.line);
    const unquoted = unquotedExpression(source, offset);
    if (unquoted !== undefined) {
      reportUnquoted(unquoted, source, problems);
    } else {
      const tab = error.code === 'TAB_AS_INDENT';
      if (told > 0 && !tab) continue;
      const [code, message, hint] = explain(error, source);
      problems.error(
        code,
        { at, path: '', length: Math.max(1, Math.min(error.pos[1], source.lineAround(offset).end) - offset) },
        message,
        hint,
      );
    }
    told += 1;
    if (told >= 20) return;
  }
}

/** Where the quote opens that is missing its end: the parser tells only where it gave up. */
function openingQuote(error: YAMLError, document: Document.Parsed): number | undefined {
  if (error.code !== 'MISSING_CHAR' || !error.message.includes('quote')) return undefined;
  let opening: number | undefined;
  visit(document, {
    Scalar: (_key, { type, range }) => {
      const quoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (quoted && range !== undefined && range !== null && range[1] >= error.pos[0]) opening ??= range[0];
    },
  });
  return opening;
}

interface Unquoted {
  readonly offset: number;
  readonly text: string;
  /** It stands in `{ }` or `[ ]` that its line opens. */
  readonly inFlow: boolean;
}

/** The first `${{` that stands outside quotes on the line of `offset`. */
function unquotedExpression(source: Source, offset: number): Unquoted | undefined {
  const { start, end } = source.lineAround(offset);
  let quote = '';
  let open = 0;
  for (let at = start; at < end; at += 1) {
    const character = source.text.charAt(at);
    if (quote !== '') {
      if (character === '\\' && quote === '"') at += 1;
      else if (character === quote) quote = '';
    } else if (
      (character === '"' || character === "'") &&
      /[\s[{,:-]/.test(at === start ? ' ' : source.text.charAt(at - 1))
    ) {
      quote = character;
    } else if (source.text.startsWith('${{', at)) {
      const close = source.text.indexOf('}}', at);
      return {
        offset: at,
        text: source.text.slice(at, close === -1 || close > end ? end : close + 2),
        inFlow: open > 0,
      };
    } else if (character === '{' || character === '[') {
      open += 1;
    } else if (character === '}' || character === ']') {
      open -= 1;
    }
  }
  return undefined;
}

function reportUnquoted(unquoted: Unquoted, source: Source, problems: Problems): void {
  const place = { at: source.positionAt(unquoted.offset), path: '', length: unquoted.text.length };
  const why =
    !unquoted.inFlow && unquoted.text.includes(': ')
      ? 'has `: ` in it and no quotes around it, so YAML takes it for a key'
      : 'stands in { } or [ ] without quotes, so YAML takes its braces for a map';
  const quoted = unquoted.text.includes('"') ? unquoted.text.replaceAll('"', "'") : unquoted.text;
  problems.error(
    'FIRN112',
    place,
    `the expression ${unquoted.text} ${why}`,
    `put the whole value in quotes: "${quoted}"`,
  );
}

function explain(error: YAMLError, source: Source): readonly [ProblemCode, string, string | undefined] {
  const found = source.text.slice(error.pos[0], error.pos[0] + 1);
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return ['FIRN102', 'a tab is used for indentation; YAML counts spaces', 'replace the tab by spaces'];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [
        'FIRN100',
        'text without quotes has `: ` in it, or this line is indented too far: YAML takes it for a key inside a value',
        'put the text in quotes, or indent the line like its neighbours',
      ];
    case 'BAD_SCALAR_START':
      return ['FIRN100', `text without quotes cannot begin with "${found}"`, 'put the text in quotes'];
    case 'BAD_INDENT':
      return [
        'FIRN100',
        `the indentation does not fit the lines above: ${plain(error.message)}`,
        'align it with its neighbours',
      ];
    case 'ALIAS_PROPS':
    case 'BAD_ALIAS':
      return [
        'FIRN103',
        'anchors and aliases are not allowed',
        'write the value out; quote text that begins with "*" or "&"',
      ];
    case 'RESOURCE_EXHAUSTION':
      return ['FIRN114', 'maps and lists are nested too deeply here', 'use fewer levels'];
    case 'MULTIPLE_ANCHORS':
      return ['FIRN103', 'anchors and aliases are not allowed', 'write the value out'];
    case 'MULTIPLE_DOCS':
      return ['FIRN113', 'the file holds several documents', 'keep one, and remove the lines with "---"'];
    case 'MULTIPLE_TAGS':
    case 'TAG_RESOLVE_FAILED':
      return ['FIRN105', 'tags are not allowed', 'put text that begins with "!" in quotes'];
    case 'MISSING_CHAR':
      if (!error.message.includes('quote')) return unreadable(error);
      return [
        'FIRN100',
        'a quote opens here and is never closed',
        'close it, or double the quote if it is part of the text',
      ];
    default:
      return unreadable(error);
  }
}

function unreadable(error: YAMLError): readonly [ProblemCode, string, string | undefined] {
  return ['FIRN100', `this cannot be read as YAML: ${plain(error.message)}`, hintFor(error)];
}

function hintFor(error: YAMLError): string | undefined {
  if (error.code === 'UNEXPECTED_TOKEN')
    return 'text that holds quotes, commas, brackets or braces goes in quotes as a whole';
  if (error.code === 'MISSING_CHAR')
    return 'a quote, bracket, brace, comma or colon is missing here or on a line before';
  return undefined;
}

/** The library's message as the rest of a sentence. */
function plain(message: string): string {
  const line = message
    .split('\n', 1)
    .join('')
    .replace(/ at line \d+.*$/, '')
    .replace(/[.:]$/, '');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
