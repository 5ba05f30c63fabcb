/**
 * Opens a project: firn.yaml, the overlay of the environment, the columns files, the list of definitions.
 *
 * HOST: reads files, writes none, connects to nothing. Problems are data with places; a Configuration is only given
 * when firn.yaml itself could be read, and then other problems may still stand in the list.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { readColumns } from '../connections/columns.js';
import { readTools as readToolsDocument } from '../connections/tools-file.js';
import { parse } from '../language/compiler/parse.js';
import { messageOf } from '../language/plan/failure.js';
import { get, toPlain, type Parsed, type ParsedEntry } from '../language/plan/parsed.js';
import { Problems, type Problem } from '../language/plan/problem.js';
import type { Table } from '../language/plan/project.js';
import type {
  Configuration,
  DefinitionFile,
  PostgresConnection,
  Secret,
  ToolConnection,
  Variables,
} from './configuration.js';
import { checkShape, placeOf } from './firn-yaml-shape.js';
import { secretsOfService } from './http-connections.js';
import { lastAt, readConfiguration, type Layer } from './read-configuration.js';
import { secretProblem } from './secrets.js';
import { secretsOfTools } from './tool-connections.js';

export { compileDefinitions } from './definitions.js';

export interface LoadedProject {
  /** Undefined when firn.yaml is missing or cannot be read. */
  readonly configuration: Configuration | undefined;
  readonly problems: readonly Problem[];
  /**
   * Secrets and variables without a value (FIRN503): for who needs them, and no reason to refuse `firn validate`. Those of
   * HTTP services and tools are warnings: a worker runs without them, and a step that comes to one waits for it.
   */
  readonly unset: readonly Problem[];
  /** Texts of the files that problems name, for source frames. */
  readonly sources: ReadonlyMap<string, string>;
}

const TOP = { at: { line: 1, column: 1 }, path: '' };

/** `directory` holds firn.yaml; FIRN_ENV among the variables names the overlay. */
export function loadProject(directory: string, variables: Variables): LoadedProject {
  const root = resolve(directory);
  const environment = variables['FIRN_ENV'] === '' ? undefined : variables['FIRN_ENV'];
  const sources = new Map<string, string>();
  const lists: Problems[] = [];
  const open = (file: string): { readonly problems: Problems; readonly tree: Parsed | undefined } => {
    const problems = new Problems(file);
    lists.push(problems);
    return { problems, tree: readTree(root, file, problems, sources) };
  };

  const layers: Layer[] = [];
  const names = ['firn.yaml', ...(environment === undefined ? [] : [`firn.${environment}.yaml`])];
  for (const file of names) {
    const { problems, tree } = open(file);
    if (tree !== undefined && checkShape(tree, problems)) layers.push({ file, tree, problems });
  }
  const readTables = (connection: PostgresConnection, named: ParsedEntry, layer: Layer): ReadonlyMap<string, Table> => {
    if (!existsSync(connection.columnsFile)) {
      const place = placeOf(get(named.value, 'columns') ?? named.value);
      const hint = `write it with: firn connections introspect ${connection.name}`;
      layer.problems.error('FIRN501', place, `the columns file "${connection.columnsName}" does not exist`, hint);
      return new Map();
    }
    const { problems, tree } = open(connection.columnsName);
    if (tree === undefined) return new Map();
    const columns = readColumns(toPlain(tree), connection.trusted);
    for (const problem of columns.problems) {
      problems.error('FIRN501', placeAt(tree, problem.path.split('.')), problem.message);
    }
    return columns.tables;
  };
  const readTools = (
    connection: Omit<ToolConnection, 'tools'>,
    named: ParsedEntry,
    layer: Layer,
  ): ToolConnection['tools'] => {
    if (!existsSync(connection.toolsFile)) {
      const place = placeOf(get(named.value, 'tools') ?? named.value);
      const hint = `write it with: firn connections introspect ${connection.name}`;
      layer.problems.error('FIRN505', place, `the tools file "${connection.toolsName}" does not exist`, hint);
      return new Map();
    }
    const { problems, tree } = open(connection.toolsName);
    if (tree === undefined) return new Map();
    const tools = readToolsDocument(toPlain(tree), connection);
    for (const { path, message } of tools.problems) problems.error('FIRN505', placeAt(tree, path), message);
    return tools.tools;
  };
  const definitions = findDefinitions(root, layers);
  const around = { directory: root, environment, variables, definitions, readTables, readTools };
  const configuration = layers.length === names.length ? readConfiguration(layers, around) : undefined;
  const unset = configuration === undefined ? [] : unsetSecrets(layers, configuration);
  return { configuration, problems: lists.flatMap((list) => list.all), unset, sources };
}

/** References that cannot be resolved now: what a worker would fail on later. One problem per reference. */
function unsetSecrets(layers: readonly Layer[], configuration: Configuration): readonly Problem[] {
  const seen = new Set<string>();
  const lists = new Map(layers.map((layer) => [layer, new Problems(layer.file)]));
  const check = (path: readonly string[], candidate: Secret, severity: 'error' | 'warning' = 'error'): void => {
    const reason = secretProblem(candidate);
    const found = lastAt(layers, path) ?? { parsed: undefined, layer: layers[0] };
    if (reason === undefined || found.layer === undefined || seen.has(candidate.reference)) return;
    seen.add(candidate.reference);
    const place = found.parsed === undefined ? { ...TOP, path: path.join('.') } : placeOf(found.parsed);
    const hint =
      candidate.reference === 'env:DATABASE_URL'
        ? 'set it, or use `npm start`, which brings a database along'
        : 'set it before starting';
    lists.get(found.layer)?.[severity]('FIRN503', place, `"${candidate.reference}" has no value: ${reason}`, hint);
  };
  check(['database'], configuration.databaseUrl);
  for (const connection of configuration.connections.values()) {
    const { name } = connection;
    if (connection.kind === 'postgres') check(['connections', name, 'postgres'], connection.url);
    else if (connection.kind === 'http')
      for (const [path, each] of secretsOfService(connection)) check(['connections', name, ...path], each, 'warning');
    else for (const each of secretsOfTools(connection)) check(['connections', name, 'mcp'], each, 'warning');
  }
  for (const channel of configuration.channels.values())
    if (channel.kind === 'webhook') check(['channels', channel.name, 'webhook'], channel.url);
  if (configuration.temporal.apiKey !== undefined) check(['temporal', 'api_key'], configuration.temporal.apiKey);
  return [...lists.values()].flatMap((list) => list.all);
}

/** Who the present person is, as their own machine says it; nothing verifies it. */
export function whoAmI(variables: Variables): string {
  const named = variables['FIRN_USER'];
  if (named !== undefined && named !== '') return named;
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

function readTree(root: string, file: string, problems: Problems, sources: Map<string, string>): Parsed | undefined {
  try {
    const text = readFileSync(join(root, file), 'utf8');
    sources.set(file, text);
    return parse(text, problems);
  } catch (error) {
    const missing = !existsSync(join(root, file));
    const message = missing ? `there is no ${file} in ${root}` : `${file} cannot be read: ${messageOf(error)}`;
    const hint =
      file === 'firn.yaml'
        ? 'go to the folder that holds firn.yaml, or name it with --directory'
        : 'write that file, or set FIRN_ENV to another environment';
    problems.error('FIRN500', TOP, message, hint);
    return undefined;
  }
}

/** `<definitions>/<name>/<any>.flow.yaml`, sorted: the same order on every machine. */
function findDefinitions(root: string, layers: readonly Layer[]): readonly DefinitionFile[] {
  const named = layers.map((layer) => get(layer.tree, 'definitions')).findLast((parsed) => parsed !== undefined);
  const folder =
    named?.is === 'scalar' && typeof named.value === 'string'
      ? named.value.replace(/^\.\//, '').replace(/\/$/, '')
      : 'definitions';
  const found: DefinitionFile[] = [];
  for (const name of list(join(root, folder))) {
    for (const inner of list(join(root, folder, name))) {
      if (!inner.endsWith('.flow.yaml')) continue;
      found.push({
        name: inner.slice(0, -'.flow.yaml'.length),
        file: `${folder}/${name}/${inner}`,
        path: join(root, folder, name, inner),
      });
    }
  }
  return found;
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The nearest place in the file for the keys that lead to a part of it. */
function placeAt(
  tree: Parsed,
  keys: readonly string[],
): { readonly at: Parsed['at']; readonly path: string; readonly length: number } {
  let parsed = tree;
  const path = keys.join('.');
  let place = { at: tree.at, path, length: 1 };
  for (const key of keys) {
    const found: ParsedEntry | undefined =
      parsed.is === 'map' ? parsed.entries.find((candidate) => candidate.key === key) : undefined;
    if (found === undefined) break;
    place = { at: found.keyAt, path, length: key.length };
    parsed = found.value;
  }
  return place;
}
