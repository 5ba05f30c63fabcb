/**
 * Connections to servers of tools, from firn.yaml and their committed tools files.
 *
 * HOST, reads nothing itself. Shapes are checked before; what is said here is what no schema can say.
 */
import { resolve } from 'node:path';
import type { SaidOfTools } from '../connections/tools-file.js';
import { get, type Parsed, type ParsedEntry } from '../language/plan/parsed.js';
import type { Callable } from '../language/plan/project.js';
import type { Problems } from '../language/plan/problem.js';
import type { Secret, ToolConnection } from './configuration.js';
import { placeOf } from './firn-yaml-shape.js';

/** Undefined (and reported, FIRN500) where it does not say one place to find the server at. */
export function toolConnection(
  { key: name, value }: ParsedEntry,
  directory: string,
  asSecret: (reference: string) => Secret,
  problems: Problems,
): Omit<ToolConnection, 'tools'> | undefined {
  const mcp = get(value, 'mcp');
  const server = serverOf(mcp, directory, asSecret);
  if (server === undefined) {
    const message = `"${name}" needs either a \`command\` or a \`url\` under \`mcp\``;
    const hint = 'write mcp: { command: [node, server.mjs] } for a program, mcp: { url: env:URL } for an address';
    problems.error('FIRN500', placeOf(mcp ?? value), message, hint);
    return undefined;
  }
  const toolsName = textOf(get(value, 'tools')) ?? '';
  return {
    name,
    kind: 'mcp',
    server,
    toolsFile: resolve(directory, toolsName),
    toolsName: toolsName.replace(/^\.\//, ''),
    ...saidOfTools(value),
  };
}

function serverOf(
  mcp: Parsed | undefined,
  directory: string,
  asSecret: (reference: string) => Secret,
): ToolConnection['server'] | undefined {
  const command = textsOf(get(mcp, 'command'));
  const url = textOf(get(mcp, 'url'));
  if (command.length > 0 && url === undefined)
    return { kind: 'stdio', command, env: secretsOf(get(mcp, 'env'), asSecret), directory };
  if (url === undefined || command.length > 0) return undefined;
  const allowed = get(mcp, 'allow_private');
  return {
    kind: 'http',
    url: asSecret(url),
    headers: secretsOf(get(mcp, 'headers'), asSecret),
    allowPrivate: allowed?.is === 'scalar' && allowed.value === true,
  };
}

function saidOfTools(value: Parsed): SaidOfTools {
  const effects = new Map<string, Callable['effect']>();
  const written = get(value, 'effects');
  for (const entry of written?.is === 'map' ? written.entries : []) {
    const effect = textOf(entry.value);
    if (effect === 'read' || effect === 'repeatable' || effect === 'once') effects.set(entry.key, effect);
  }
  return { effects, trusted: new Set(textsOf(get(value, 'trusted'))) };
}

function secretsOf(parsed: Parsed | undefined, asSecret: (reference: string) => Secret): ReadonlyMap<string, Secret> {
  const all = new Map<string, Secret>();
  for (const { key, value } of parsed?.is === 'map' ? parsed.entries : []) {
    const reference = textOf(value);
    if (reference !== undefined) all.set(key, asSecret(reference));
  }
  return all;
}

function textsOf(parsed: Parsed | undefined): readonly string[] {
  return parsed?.is === 'list' ? parsed.items.flatMap((item) => textOf(item) ?? []) : [];
}

function textOf(parsed: Parsed | undefined): string | undefined {
  return parsed?.is === 'scalar' && typeof parsed.value === 'string' ? parsed.value : undefined;
}

/** Every secret of it, for who looks whether they are set. */
export function secretsOfTools({ server }: ToolConnection): readonly Secret[] {
  return server.kind === 'stdio' ? [...server.env.values()] : [server.url, ...server.headers.values()];
}
