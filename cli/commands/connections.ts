/**
 * `firn connections introspect NAME` writes the columns file from the database; `prepare NAME` makes the table that lets
 * effects happen once. HOST.
 */
import { readFileSync, existsSync } from 'node:fs';
import { introspect } from '../../connections/introspect.js';
import { prepareConnection, prepareSql } from '../../connections/prepare.js';
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
    const text = await introspect(door);
    const changed = !existsSync(connection.columnsFile) || readFileSync(connection.columnsFile, 'utf8') !== text;
    if (!print && changed) writeFileWhole(connection.columnsFile, text, 0o644);
    terminal.document({
      connection: connection.name,
      file: connection.columnsName,
      changed,
      ...(print ? { text } : {}),
    });
    terminal.line(print ? text.trimEnd() : `${connection.columnsName}: ${changed ? 'written' : 'as the database is'}`);
    return EXIT.ok;
  } finally {
    await door.pool.end();
  }
}
