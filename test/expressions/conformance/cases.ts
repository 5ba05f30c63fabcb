/**
 * The official conformance tests of CEL, as this language can read them: https://github.com/google/cel-spec, "simple" tests.
 *
 * Trusts the shape of the package's data no further than it needs: what it cannot read is said as such.
 */
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { isJsonMap, type Json, type JsonMap } from '../../../language/plan/json.js';

export interface Case {
  /** File of the official suite, without its ending. */
  readonly file: string;
  readonly name: string;
  readonly expr: string;
  /** Container of messages: names of a protobuf package. */
  readonly container: string | undefined;
  readonly types: ReadonlyMap<string, JsonMap>;
  readonly bindings: ReadonlyMap<string, JsonMap>;
  readonly expected: Expected;
}

/** `value` as the suite writes it: `{int64Value: '1'}`. */
export type Expected =
  | { readonly is: 'value'; readonly value: JsonMap }
  | { readonly is: 'error'; readonly message: string }
  /** Only what the checker says of it counts. */
  | { readonly is: 'checked' };

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: { readonly name?: string; readonly expr: string } }[];
}

export function conformanceCases(): readonly Case[] {
  return (tests.suites ?? []).flatMap((file) => casesOf(file, file.name, []));
}

function casesOf(suite: Suite, file: string, path: readonly string[]): readonly Case[] {
  const inner = (suite.suites ?? []).flatMap((section) => casesOf(section, file, [...path, section.name]));
  const own = (suite.tests ?? []).map(({ original }) => {
    const name = [...path, original.name ?? original.expr].join('/');
    return caseOf(file, name, original.expr, original);
  });
  return [...inner, ...own];
}

function caseOf(file: string, name: string, expr: string, original: object): Case {
  const written: JsonMap = isJsonMap(original) ? original : {};
  const container = typeof written['container'] === 'string' ? written['container'] : undefined;
  const bindings = new Map<string, JsonMap>();
  for (const [variable, bound] of Object.entries(mapAt(written, 'bindings'))) {
    bindings.set(variable, mapAt(isJsonMap(bound) ? bound : {}, 'value'));
  }
  const types = new Map<string, JsonMap>();
  for (const declared of Array.isArray(written['typeEnv']) ? written['typeEnv'] : []) {
    const declaration: Json = declared;
    if (!isJsonMap(declaration) || typeof declaration['name'] !== 'string') continue;
    types.set(declaration['name'], mapAt(mapAt(declaration, 'ident'), 'type'));
  }
  return { file, name, expr, container, types, bindings, expected: expectedOf(written) };
}

/** A case that expects nothing expects `true`: so says the suite. */
function expectedOf(written: JsonMap): Expected {
  if (written['checkOnly'] === true) return { is: 'checked' };
  if (isJsonMap(written['evalError'])) return { is: 'error', message: JSON.stringify(written['evalError']) };
  const typed = mapAt(written, 'typedResult');
  if (isJsonMap(typed['result'])) return { is: 'value', value: typed['result'] };
  return { is: 'value', value: isJsonMap(written['value']) ? written['value'] : { boolValue: true } };
}

function mapAt(map: JsonMap, key: string): JsonMap {
  const value = map[key];
  return isJsonMap(value) ? value : {};
}
