/**
 * `firn connections introspect NAME` writes the columns file from the database, or the tools file from the server of tools;
 * `prepare NAME` makes the table that lets effects happen once. HOST.
 */
import { readFileSync, existsSync } from 'node:fs';
import { introspect } from '../../connections/introspect.js';
import { createToolDoor } from '../../connections/mcp.js';
import { prepareConnection, prepareSql } from '../../connections/prepare.js';
import { toolsDocument } from '../../connections/tools-file.js';
import type { Connection, ToolConnection } from '../../setup/configuration.js';
import { openDoor } from '../../setup/doors.js';
import { runningVariables } from '../../setup/environment.js';
import { loadProject } from '../../setup/project.js';
import { writeFileWhole } from '../../setup/state-folder.js';
import type { CommonOptions } from '../main.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from '../terminal.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const [action, name] = args;
  if (action !== 'introspect' && action !== 'prepare') {
    throw new CommandError(
      EXIT.usage,
      'usage',
      `"${action ?? ''}" is no action of connections`,
      'introspect or prepare',
    );
  }
  const variables = await runningVariables(options.directory, process.env);
  const { configuration, problems } = loadProject(options.directory, variables);
  if (configuration === undefined)
    throw new CommandError(EXIT.usage, 'invalid_project', problems[0]?.message ?? 'the project cannot be read');
  const connection = configuration.connections.get(name ?? '');
  if (connection === undefined) {
    const known = [...configuration.connections.keys()].join(', ');
    throw new CommandError(
      EXIT.usage,
      'unknown_connection',
      `firn.yaml has no connection "${name ?? ''}"`,
      `known: ${known}`,
    );
  }
  const print = options['print'] === true;
  if (connection.kind === 'http') {
    const message = `"${connection.name}" is an HTTP service; there is nothing to ${action} there`;
    throw new CommandError(EXIT.usage, 'usage', message, 'a database or a server of tools can be named');
  }
  if (connection.kind === 'mcp' && action === 'introspect') {
    const file = { path: connection.toolsFile, name: connection.toolsName, same: 'as the server is' };
    return writeDown(terminal, connection, file, await introspectTools(connection), print);
  }
  if (connection.kind === 'mcp') {
    const message = `"${connection.name}" is a server of tools; only a database is prepared`;
    throw new CommandError(EXIT.usage, 'usage', message, `firn connections introspect ${connection.name}`);
  }
  if (action === 'prepare' && print) {
    const sql = prepareSql(configuration.schema);
    terminal.document({ connection: connection.name, sql });
    terminal.line(sql);
    return EXIT.ok;
  }
  const door = openDoor(configuration, connection, 1);
  try {
    if (action === 'prepare') {
      await prepareConnection(door);
      terminal.document({ connection: connection.name, prepared: true });
      terminal.line(`${connection.name}: effects happen once`);
      return EXIT.ok;
    }
    const file = { path: connection.columnsFile, name: connection.columnsName, same: 'as the database is' };
    return writeDown(terminal, connection, file, await introspect(door), print);
  } finally {
    await door.pool.end();
  }
}

async function introspectTools(connection: ToolConnection): Promise<string> {
  const door = createToolDoor({ ...connection, log: () => undefined });
  try {
    return toolsDocument(connection.name, await door.list());
  } finally {
    await door.close();
  }
}

interface WrittenFile {
  readonly path: string;
  readonly name: string;
  /** What is said when nothing has changed. */
  readonly same: string;
}

function writeDown(
  terminal: Terminal,
  { name: connection }: Connection,
  { path, name, same }: WrittenFile,
  text: string,
  print: boolean,
): ExitCode {
  const changed = !existsSync(path) || readFileSync(path, 'utf8') !== text;
  if (!print && changed) writeFileWhole(path, text, 0o644);
  terminal.document({ connection, file: name, changed, ...(print ? { text } : {}) });
  terminal.line(print ? text.trimEnd() : `${name}: ${changed ? 'written' : same}`);
  return EXIT.ok;
}
