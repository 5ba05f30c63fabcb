/**
 * From text to a tree of maps, lists and scalars that know where they stand: the first stage of the compiler.
 *
 * PURE. Reads YAML 1.2 with the core schema and refuses everything in it that means something else than it seems to
 * (rule 9 of the language). Never throws and never takes long: size and depth are bounded before anything is built.
 * Undefined is returned when there is no tree to go on with; else the tree may still carry problems.
 */
import { Composer, isAlias, isMap, isPair, isScalar, isSeq, Scalar } from 'yaml';
import type { Node } from 'yaml';
import type { Parsed, ParsedEntry, ParsedMap, ParsedScalar } from '../plan/parsed.js';
import type { Place, ProblemCode, Problems } from '../plan/problem.js';
import { Source, valueOffsets } from './source.js';
import type { ScalarStyle } from './source.js';
import { checkSize, reportErrors, tokenize } from './yaml-checks.js';

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** A file that is wrong everywhere is told so often, and no more. */
const MOST_PROBLEMS = 100;

/** A YAML file as a tree. Problems: 1xx. */
export function parse(text: string, problems: Problems): Parsed | undefined {
  const source = new Source(text.startsWith('\ufeff') ? text.slice(1) : text);
  if (!checkSize(source, problems)) return undefined;
  const tokens = tokenize(source, problems);
  if (tokens === undefined) return undefined;
  const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false, strict: true } as const;
  const documents = [...new Composer({ ...options, prettyErrors: false }).compose(tokens, true, source.text.length)];
  const document = documents[0];
  const top: Place = { at: { line: 1, column: 1 }, path: '' };
  for (const one of documents) reportErrors(one, source, problems);
  if (problems.failed) return undefined;
  const second = documents[1];
  if (second !== undefined) {
    const at = source.positionAt(second.range[0]);
    problems.error(
      'FIRN113',
      { at, path: '' },
      'a second document begins here',
      'keep one, and remove the lines with "---"',
    );
    return undefined;
  }
  if (document === undefined || document.contents === null || isMissing(document.contents)) {
    problems.error('FIRN100', top, 'the file is empty');
    return undefined;
  }
  return new Reader(source, problems).value(document.contents, '', top);
}

class Reader {
  private readonly source: Source;
  private readonly problems: Problems;

  constructor(source: Source, problems: Problems) {
    this.source = source;
    this.problems = problems;
  }

  /** `owner` is where a value without a place of its own is reported: its key or its list. */
  value(node: unknown, path: string, owner: Place): Parsed {
    if (isAlias(node)) {
      const message = `"*${node.source}" is an alias, and aliases are not allowed`;
      this.error(
        'FIRN103',
        this.place(node, path),
        message,
        'write the value out; put text that begins with "*" in quotes',
      );
      return this.nothing(path, owner);
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return this.nothing(path, owner);
    const place = this.place(node, path);
    if (node.anchor !== undefined) {
      const text = `&${node.anchor}`;
      const message = `"${text}" is an anchor, and anchors are not allowed`;
      this.error(
        'FIRN103',
        this.before(node, text, path),
        message,
        'write the value out; put text that begins with "&" in quotes',
      );
    }
    if (node.tag !== undefined) {
      const text = this.tagText(node, node.tag);
      const message = `"${text}" is a tag, and tags are not allowed`;
      this.error(
        'FIRN105',
        this.before(node, text, path),
        message,
        'remove it; put text that begins with "!" in quotes',
      );
      return this.nothing(path, owner);
    }
    if (isMap(node)) return this.map(node.items, path, place);
    if (isSeq(node)) {
      const inSteps = path === 'steps' || path.endsWith('.steps');
      const items = node.items.map((item, index) =>
        this.value(item, itemPath(path, index, inSteps ? item : undefined), place),
      );
      for (const item of items) this.requireValue(item, 'this item of the list', place);
      return { is: 'list', items, at: place.at, path };
    }
    return this.scalar(node, path, place);
  }

  private map(pairs: readonly unknown[], path: string, place: Place): ParsedMap {
    const entries: ParsedEntry[] = [];
    const seen = new Map<string, number>();
    for (const pair of pairs) {
      if (!isPair(pair)) continue;
      const key = this.key(pair.key, path, place);
      if (key === undefined) continue;
      const before = seen.get(key.text);
      if (before !== undefined) {
        const message = `"${key.text}" stands twice in one map; the first is on line ${before}`;
        this.error('FIRN107', key.place, message, 'remove one of them');
        continue;
      }
      seen.set(key.text, key.place.at.line);
      const value = this.value(pair.value, key.place.path, key.place);
      this.requireValue(value, `"${key.text}"`, key.place);
      entries.push({ key: key.text, keyAt: key.place.at, value });
    }
    return { is: 'map', entries, at: place.at, path };
  }

  private key(node: unknown, path: string, owner: Place): { readonly text: string; readonly place: Place } | undefined {
    if (!isScalar(node) || node.value === null || node.tag !== undefined) {
      const place = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? this.place(node, path) : owner;
      const braces = isMap(node) && node.flow === true && this.source.text.startsWith('{', this.start(node));
      const hint = braces ? 'an expression is written "${{ … }}", in quotes' : 'write the key as plain text';
      this.error('FIRN115', place, 'a key must be plain text', hint);
      return undefined;
    }
    const plain = node.type === Scalar.PLAIN;
    const value = typeof node.value === 'string' ? node.value : (node.source ?? '');
    const text = plain ? (node.source ?? value) : value;
    const place = this.place(node, path === '' ? text : `${path}.${text}`);
    if (node.anchor !== undefined) this.error('FIRN103', place, 'anchors are not allowed', 'remove the anchor');
    if (text === '<<' && plain) {
      this.error('FIRN104', place, '"<<" is a merge key, and merge keys are not allowed', 'write the keys out');
      return undefined;
    }
    if (FORBIDDEN_KEYS.has(text)) {
      this.error('FIRN108', place, `no key may be named "${text}"`, 'choose another name');
      return undefined;
    }
    return { text, place };
  }

  private scalar(node: Scalar, path: string, place: Place): ParsedScalar {
    const value = node.value;
    const style = styleOf(node);
    if (style === 'plain') this.checkPlain(node, path, place);
    const usable = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
    const source = this.source;
    const start = this.start(node);
    const end = node.range?.[1] ?? start;
    let offsets: readonly number[] | undefined;
    const locate = (offset: number) => {
      if (typeof usable !== 'string') return source.positionAt(start + offset);
      offsets ??= valueOffsets(source.text, style, start, end, usable);
      return source.positionAt(offsets[Math.min(Math.max(0, offset), usable.length)] ?? start);
    };
    return { is: 'scalar', value: usable, at: place.at, length: place.length ?? 1, path, locate };
  }

  private checkPlain(node: Scalar, path: string, place: Place): void {
    const text = node.source ?? '';
    if (typeof node.value === 'number') this.checkNumber(node.value, text, place);
    if (typeof node.value !== 'string') return;
    const end = node.range?.[1] ?? 0;
    const after = this.source.text.slice(end, this.source.lineAround(end).end);
    if (!/^[ \t]*#/.test(after)) return;
    if (text.includes('${{') && text.lastIndexOf('}}') < text.lastIndexOf('${{')) {
      const message = `" #" begins a comment, so the expression is cut off after ${text}`;
      this.error('FIRN112', place, message, 'put the whole value in quotes');
    } else if (/^[ \t]#/.test(after)) {
      const comment = { at: this.source.positionAt(end + 1), path, length: after.trim().length };
      const message = `" #" begins a comment, so YAML reads only "${text}" here`;
      this.error(
        'FIRN111',
        comment,
        message,
        'put the whole text in quotes; a real comment has two spaces before its #',
      );
    }
  }

  private checkNumber(value: number, text: string, place: Place): void {
    const hint = `put it in quotes if it is text: "${text}"`;
    if (/^0[ox]/.test(text)) {
      this.error('FIRN110', place, `${text} would be read as the number ${value}`, hint);
    } else if (/^[-+]?0\d/.test(text)) {
      this.error('FIRN110', place, `${text} begins with a zero and would be read as the number ${value}`, hint);
    } else if (!Number.isFinite(value)) {
      this.error('FIRN110', place, `${text} is no number that can be kept`, hint);
    } else if (Math.abs(value) > Number.MAX_SAFE_INTEGER || digitsOf(text) > 15) {
      this.error('FIRN110', place, `${text} has more digits than a number keeps and would be read as ${value}`, hint);
    }
  }

  private requireValue(value: Parsed, what: string, place: Place): void {
    if (value.is !== 'scalar' || value.value !== null || this.reported(value.path)) return;
    const message = `${what} has no value`;
    this.error(
      'FIRN109',
      { ...place, path: value.path },
      message,
      'give it one, or leave it out; text with a comma in { } or [ ] needs quotes',
    );
  }

  private reported(path: string): boolean {
    return this.problems.all.some((problem) => problem.path === path && problem.code !== 'FIRN107');
  }

  private nothing(path: string, owner: Place): ParsedScalar {
    return { is: 'scalar', value: null, at: owner.at, length: owner.length ?? 1, path, locate: () => owner.at };
  }

  private place(node: Node, path: string): Place {
    const start = this.start(node);
    const end = Math.min(node.range?.[1] ?? start, this.source.lineAround(start).end);
    return { at: this.source.positionAt(start), path, length: Math.max(1, end - start) };
  }

  /** Where `text` stands on the line before a node: its anchor or tag. */
  private before(node: Node, text: string, path: string): Place {
    const { start } = this.source.lineAround(this.start(node));
    const found = this.source.text.slice(0, this.start(node)).lastIndexOf(text);
    if (found < start) return this.place(node, path);
    return { at: this.source.positionAt(found), path, length: text.length };
  }

  private start(node: Node): number {
    return node.range?.[0] ?? 0;
  }

  private tagText(node: Node, tag: string): string {
    const { start } = this.source.lineAround(this.start(node));
    return (
      this.source.text
        .slice(start, this.start(node))
        .match(/![^\s]*\s*$/)?.[0]
        ?.trim() ?? tag
    );
  }

  private error(code: ProblemCode, place: Place, message: string, hint?: string): void {
    if (this.problems.all.length < MOST_PROBLEMS) this.problems.error(code, place, message, hint);
  }
}

function isMissing(node: unknown): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '' && node.tag === undefined;
}

function styleOf(node: Scalar): ScalarStyle {
  if (node.type === Scalar.QUOTE_DOUBLE) return 'double';
  if (node.type === Scalar.QUOTE_SINGLE) return 'single';
  return node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED ? 'block' : 'plain';
}

/** Significant digits of a number as written. */
function digitsOf(text: string): number {
  return text
    .replace(/[eE].*$/, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+/, '').length;
}

/** `steps.reason` for a step with an id, `steps[2]` for everything else in a list. */
function itemPath(path: string, index: number, step: unknown): string {
  const id = isMap(step) ? step.get('id') : undefined;
  return typeof id === 'string' && id !== '' ? `${path}.${id}` : `${path}[${index}]`;
}
