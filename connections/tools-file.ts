/**
 * The tools document: which tools a connection has, as a committed file says.
 *
 * HOST, without I/O: setup/ reads the file and shows the problems. Definitions are checked against this, so that checking
 * needs no server. The document is written by `firn connections introspect`; what a tool's annotations do not say, or say
 * wrongly, firn.yaml says under `effects`. A tool of which nobody says anything is asked once.
 */
import { closest } from 'fastest-levenshtein';
import { Document, isSeq, visit } from 'yaml';
import { checkableSchema, schemaProblem, typeOfSchema } from '../language/compiler/schema-type.js';
import { digest, isJson, isJsonMap } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import type { Callable } from '../language/plan/project.js';
import { ANY, mapOf, TEXT } from '../language/plan/types.js';
import type { Type } from '../language/plan/types.js';
import { recordable } from './recordable.js';

/** A tool as its server describes it. */
export interface Tool {
  readonly name: string;
  readonly about: string;
  readonly input: JsonMap;
  /** Null where the server declares none. */
  readonly output: JsonMap | null;
  readonly readOnly: boolean;
  readonly idempotent: boolean;
}

export interface ToolsProblem {
  /** Place in the document: `tools`, then a tool's name, then a key. */
  readonly path: readonly string[];
  readonly message: string;
}

/** A tool as definitions see it, and what of it must still hold when it is called. */
export interface RecordedTool extends Callable {
  /** JSON Schema of its result; null = whatever comes. */
  readonly output: JsonMap | null;
  /** Digest of everything that a definition relies on. */
  readonly shape: string;
}

export interface Tools {
  readonly tools: ReadonlyMap<string, RecordedTool>;
  readonly problems: readonly ToolsProblem[];
}

/** What firn.yaml says of the tools of a connection. */
export interface SaidOfTools {
  readonly effects: ReadonlyMap<string, Callable['effect']>;
  readonly trusted: ReadonlySet<string>;
}

const HINT = 'it is written by `firn connections introspect`';
/** Nodes above the schema of one argument: the document, and a map and its pair for each level. */
const LINE_OF_AN_ARGUMENT = 11;
const KEYS: ReadonlySet<string> = new Set(['about', 'input', 'output', 'read_only', 'idempotent']);

/** The document as YAML text; tools in the order of their names. */
export function toolsDocument(connection: string, tools: readonly Tool[]): string {
  const sorted = [...tools].sort((one, other) => (one.name < other.name ? -1 : 1));
  const document = new Document({
    connection,
    tools: Object.fromEntries(sorted.map((tool) => [tool.name, entryOf(tool)])),
  });
  document.commentBefore =
    ` Written by \`firn connections introspect ${connection}\`.` +
    ' Committed, so that definitions are checked without a server.';
  // A line for each argument, so that a change of one is a change of one line.
  visit(document, {
    Collection: (_key, node, path) => {
      if (path.length >= LINE_OF_AN_ARGUMENT || isSeq(node) || node.items.length === 0) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
}

function entryOf({ about, input, output, readOnly, idempotent }: Tool): object {
  return {
    ...(about === '' ? {} : { about }),
    input,
    ...(output === null ? {} : { output }),
    ...(readOnly ? { read_only: true } : {}),
    ...(idempotent ? { idempotent: true } : {}),
  };
}

/** Reads the parsed document. Reports all problems at once; good tools survive. */
export function readTools(document: unknown, said: SaidOfTools): Tools {
  const problems: ToolsProblem[] = [];
  const tools = new Map<string, RecordedTool>();
  const written = isJsonMap(document) ? document['tools'] : undefined;
  if (!isJsonMap(written)) {
    problems.push({ path: ['tools'], message: `a map \`tools\` is needed here; ${HINT}` });
    return { tools, problems };
  }
  for (const [name, entry] of Object.entries(written)) {
    const tool = readTool(name, entry, problems);
    if (tool !== undefined) tools.set(name, recorded(tool, said));
  }
  for (const name of new Set([...said.effects.keys(), ...said.trusted])) {
    if (Object.hasOwn(written, name)) continue;
    const known = Object.keys(written);
    const near = known.length === 0 ? '' : `; did you mean "${closest(name, known)}"?`;
    problems.push({ path: ['tools'], message: `firn.yaml names the tool "${name}", which is not here${near}` });
  }
  return { tools, problems };
}

function readTool(name: string, entry: Json, problems: ToolsProblem[]): Tool | undefined {
  const path = ['tools', name];
  if (!isJsonMap(entry) || !isJsonMap(entry['input'])) {
    problems.push({ path, message: `a tool needs a map \`input\`, the JSON Schema of its arguments; ${HINT}` });
    return undefined;
  }
  for (const key of Object.keys(entry).filter((one) => !KEYS.has(one))) {
    const message = `"${key}" is not known here; a tool has ${[...KEYS].join(', ')}`;
    problems.push({ path: [...path, key], message });
  }
  const { about, input, output } = entry;
  for (const key of ['input', 'output'] as const) {
    const schema = entry[key];
    if (schema === undefined) continue;
    const reason = isJsonMap(schema) ? schemaProblem(checkableSchema(schema)) : 'it is no map';
    if (reason === undefined) continue;
    problems.push({ path: [...path, key], message: `nothing can be checked against this schema: ${reason}` });
    return undefined;
  }
  return {
    name,
    about: typeof about === 'string' ? about : '',
    input,
    output: isJsonMap(output) ? output : null,
    readOnly: entry['read_only'] === true,
    idempotent: entry['idempotent'] === true,
  };
}

function recorded(tool: Tool, { effects, trusted }: SaidOfTools): RecordedTool {
  const output = tool.output === null ? null : checkableSchema(tool.output);
  return {
    about: tool.about,
    takes: mapLike(typeOfSchema(tool.input)),
    gives: output === null ? ANSWER : typeOfSchema(output),
    schema: checkableSchema(tool.input),
    effect: effects.get(tool.name) ?? annotated(tool),
    trusted: trusted.has(tool.name),
    output,
    shape: shapeOf(tool),
  };
}

/** What a tool gives that declares nothing: its texts, joined. */
const ANSWER: Type = mapOf({ text: TEXT });

function mapLike(type: Type): Type {
  return type.kind === 'map' ? type : ANY;
}

/** The protocol's own words: idempotent is that asking twice with the same arguments is as asking once. */
function annotated({ readOnly, idempotent }: Tool): Callable['effect'] {
  if (readOnly) return 'read';
  return idempotent ? 'repeatable' : 'once';
}

/** A digest of what definitions rely on; another name, or other words about it, change nothing. */
export function shapeOf({ input, output, readOnly, idempotent }: Tool): string {
  return digest({ input, output, readOnly, idempotent });
}

/** A tool from what a server lists; undefined where it is none that can be used. */
export function toolFrom(listed: unknown): Tool | undefined {
  if (!isJson(listed) || !isJsonMap(listed)) return undefined;
  const { name, description, inputSchema, outputSchema, annotations } = listed;
  if (typeof name !== 'string' || !isJsonMap(inputSchema)) return undefined;
  const hints = isJsonMap(annotations) ? annotations : {};
  return {
    name,
    about: typeof description === 'string' ? description : '',
    input: recordable(inputSchema),
    output: isJsonMap(outputSchema) ? recordable(outputSchema) : null,
    readOnly: hints['readOnlyHint'] === true,
    idempotent: hints['idempotentHint'] === true,
  };
}
