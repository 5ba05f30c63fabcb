/**
 * From the texts of firn.yaml and its overlay to a Configuration, with every problem at its place.
 *
 * HOST, but reads nothing itself: project.ts hands it texts and a way to read the files that firn.yaml names. An entry
 * of the overlay replaces the entry of the same name as a whole; nothing is merged deeper than that, so that what is in
 * force can be read off two files.
 */
import { resolve } from 'node:path';
import { get, toPlain, type Parsed, type ParsedEntry } from '../language/plan/parsed.js';
import type { Connection, Database, Project, Role } from '../language/plan/project.js';
import type { Problems } from '../language/plan/problem.js';
import type {
  Channel,
  Configuration,
  Connection as ConnectionSettings,
  DefinitionFile,
  Limits,
  ModelSettings,
  PostgresConnection,
  RoleSettings,
  Secret,
  ScheduleSettings,
  TemporalSettings,
  ToolConnection,
  Variables,
} from './configuration.js';
import { listed, placeOf } from './firn-yaml-shape.js';
import { httpConnection } from './http-connections.js';
import { scheduleSettings } from './schedule-settings.js';
import { secret } from './secrets.js';
import { toolConnection } from './tool-connections.js';

/** One firn.yaml, or an overlay, whose shape is right. */
export interface Layer {
  readonly file: string;
  readonly tree: Parsed;
  readonly problems: Problems;
}

export interface Surroundings {
  readonly directory: string;
  readonly environment: string | undefined;
  readonly variables: Variables;
  readonly definitions: readonly DefinitionFile[];
  /** Tables of a columns file; problems of that file go into the list. */
  readTables(connection: PostgresConnection, named: ParsedEntry, layer: Layer): Database['tables'];
  /** Tools of a tools file, in the same way. */
  readTools(connection: Omit<ToolConnection, 'tools'>, named: ParsedEntry, layer: Layer): ToolConnection['tools'];
}

/** `layers`: firn.yaml first. Problems are put into the layers' own lists and into what `readTables` keeps. */
export function readConfiguration(layers: readonly Layer[], around: Surroundings): Configuration {
  const { directory, variables } = around;
  const value = (path: readonly string[]): unknown => plainAt(layers, path);
  const asSecret = (reference: string): Secret => secret(reference, directory, variables);
  const name = text(value(['project'])) ?? 'firn';

  const channels = new Map<string, Channel>();
  for (const { entry } of section(layers, 'channels')) {
    const webhook = plainText(get(entry.value, 'webhook'));
    channels.set(
      entry.key,
      webhook === undefined
        ? { name: entry.key, kind: 'console' }
        : {
            name: entry.key,
            kind: 'webhook',
            url: asSecret(webhook),
            allowPrivate: isTrue(get(entry.value, 'allow_private')),
          },
    );
  }
  if (channels.size === 0) channels.set('console', { name: 'console', kind: 'console' });

  const connections = new Map<string, ConnectionSettings>();
  const known = new Map<string, Connection>();
  for (const { entry, layer } of section(layers, 'connections')) {
    if (get(entry.value, 'http') !== undefined) {
      connections.set(entry.key, httpConnection(entry, asSecret, layer.problems));
      known.set(entry.key, { kind: 'http' });
    } else if (get(entry.value, 'mcp') !== undefined) {
      const connection = toolConnection(entry, directory, asSecret, layer.problems);
      if (connection === undefined) continue;
      const tools = around.readTools(connection, entry, layer);
      connections.set(entry.key, { ...connection, tools });
      known.set(entry.key, { kind: 'mcp', tools });
    } else {
      const connection = toConnection(entry, directory, asSecret);
      connections.set(entry.key, connection);
      const tables = around.readTables(connection, entry, layer);
      known.set(entry.key, { kind: 'postgres', tables, effects: connection.effects });
    }
  }

  const roles = new Map<string, RoleSettings>();
  for (const { entry, layer } of section(layers, 'roles')) {
    const channel = get(entry.value, 'channel');
    checkChannel(channel, channels, layer, `the role "${entry.key}" is told`);
    roles.set(entry.key, { name: entry.key, people: texts(get(entry.value, 'people')), channel: plainText(channel) });
  }
  const customer = lastAt(layers, ['customer']);
  if (customer !== undefined) checkChannel(customer.parsed, channels, customer.layer, 'customers are told');
  const customerChannel = plainText(customer?.parsed) ?? [...channels.keys()][0] ?? 'console';

  const workflows = new Set(around.definitions.map((definition) => definition.name));
  const project: Project = {
    name,
    connections: known,
    roles: new Map(
      [...roles].map(([role, settings]): [string, Role] => [
        role,
        { people: settings.people, channel: settings.channel },
      ]),
    ),
    channels: new Set(channels.keys()),
    workflows,
    activities: new Map(),
  };
  return {
    directory,
    environment: around.environment,
    project,
    name,
    taskQueue: name,
    schema: name.replaceAll('-', '_'),
    temporal: temporalSettings(value, asSecret),
    databaseUrl: asSecret(text(value(['database'])) ?? 'env:DATABASE_URL'),
    connections,
    activities: activityModules(layers),
    schedules: section(layers, 'schedules').flatMap(({ entry, layer }): ScheduleSettings[] => {
      const schedule = scheduleSettings(entry, workflows, layer.problems);
      return schedule === undefined ? [] : [schedule];
    }),
    channels,
    customerChannel,
    roles,
    identity: 'unverified',
    models: modelSettings(value, directory, variables),
    limits: limits(value),
    definitions: around.definitions,
  };
}

function toConnection(
  entry: ParsedEntry,
  directory: string,
  asSecret: (reference: string) => Secret,
): PostgresConnection {
  const columnsName = plainText(get(entry.value, 'columns')) ?? '';
  const trusted = get(entry.value, 'trusted');
  return {
    name: entry.key,
    kind: 'postgres',
    url: asSecret(plainText(get(entry.value, 'postgres')) ?? 'env:DATABASE_URL'),
    schema: plainText(get(entry.value, 'schema')),
    columnsFile: resolve(directory, columnsName),
    columnsName: columnsName.replace(/^\.\//, ''),
    trusted: new Map(
      trusted?.is === 'map'
        ? trusted.entries.map((table): [string, readonly string[]] => [table.key, texts(table.value)])
        : [],
    ),
    effects: plainText(get(entry.value, 'effects')) === 'none' ? 'none' : 'exactly-once',
  };
}

function temporalSettings(
  value: (path: readonly string[]) => unknown,
  asSecret: (reference: string) => Secret,
): TemporalSettings {
  const apiKey = text(value(['temporal', 'api_key']));
  return {
    address: text(value(['temporal', 'address'])),
    namespace: text(value(['temporal', 'namespace'])) ?? 'default',
    apiKey: apiKey === undefined ? undefined : asSecret(apiKey),
    tls: value(['temporal', 'tls']) === true || apiKey !== undefined,
  };
}

function modelSettings(
  value: (path: readonly string[]) => unknown,
  directory: string,
  variables: Variables,
): ModelSettings {
  const encoder = text(value(['models', 'encoder']));
  const threads = value(['models', 'threads']);
  return {
    off: value(['models', 'off']) === true || variables['FIRN_MODELS'] === 'off',
    encoder: encoder === undefined ? undefined : resolve(directory, encoder),
    encoderSha256: text(value(['models', 'encoder_sha256'])),
    threads: typeof threads === 'number' ? threads : undefined,
    gpu: value(['models', 'gpu']) === true,
    socket: variables['FIRN_MODEL_SOCKET'] === '' ? undefined : variables['FIRN_MODEL_SOCKET'],
  };
}

function limits(value: (path: readonly string[]) => unknown): Limits {
  const whole = (key: keyof Limits, otherwise: number): number => {
    const given = value(['limits', key]);
    return typeof given === 'number' ? given : otherwise;
  };
  return { activities_at_once: whole('activities_at_once', 50), pool_size: whole('pool_size', 10) };
}

/** Paths within the project, without `./`. */
function activityModules(layers: readonly Layer[]): readonly string[] {
  const found = lastAt(layers, ['activities']);
  const parsed = found?.parsed.is === 'list' ? found.parsed.items : [found?.parsed];
  return parsed.flatMap((item) => {
    const path = plainText(item)?.replace(/^\.\//, '');
    if (item === undefined || path === undefined) return [];
    if (!/^([/\\]|[A-Za-z]:)|(^|\/)\.\.(\/|$)/.test(path)) return [path];
    const message = `the module "${path}" lies outside the project`;
    found?.layer.problems.error('FIRN504', placeOf(item), message, 'the path begins at the folder of firn.yaml');
    return [];
  });
}

function checkChannel(
  parsed: Parsed | undefined,
  channels: ReadonlyMap<string, Channel>,
  layer: Layer,
  who: string,
): void {
  const name = plainText(parsed);
  if (parsed === undefined || name === undefined || channels.has(name)) return;
  const message = `${who} through the channel "${name}", which is not one of this file's channels`;
  layer.problems.error('FIRN500', placeOf(parsed), message, listed('channels', name, channels.keys()));
}

interface Found {
  readonly entry: ParsedEntry;
  readonly layer: Layer;
}

/** The entries of a section by name; a later layer's entry stands for an earlier one of the same name. */
function section(layers: readonly Layer[], key: string): readonly Found[] {
  const all = new Map<string, Found>();
  for (const layer of layers) {
    const parsed = get(layer.tree, key);
    if (parsed?.is === 'map') for (const entry of parsed.entries) all.set(entry.key, { entry, layer });
  }
  return [...all.values()];
}

/** The value at a path, from the last layer that has it. */
export function lastAt(
  layers: readonly Layer[],
  path: readonly string[],
): { readonly parsed: Parsed; readonly layer: Layer } | undefined {
  for (const layer of [...layers].reverse()) {
    let parsed: Parsed | undefined = layer.tree;
    for (const key of path) parsed = get(parsed, key);
    if (parsed !== undefined) return { parsed, layer };
  }
  return undefined;
}

function plainAt(layers: readonly Layer[], path: readonly string[]): unknown {
  const found = lastAt(layers, path);
  return found === undefined ? undefined : toPlain(found.parsed);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function plainText(parsed: Parsed | undefined): string | undefined {
  return parsed?.is === 'scalar' ? text(parsed.value) : undefined;
}

function isTrue(parsed: Parsed | undefined): boolean {
  return parsed?.is === 'scalar' && parsed.value === true;
}

function texts(parsed: Parsed | undefined): readonly string[] {
  return parsed?.is === 'list' ? parsed.items.flatMap((item) => plainText(item) ?? []) : [];
}
