/**
 * `firn doctor`: looks at this machine and this project, and says what is in order and what to do about the rest.
 *
 * HOST. It only looks: nothing is installed, started, written or repaired. What runs already is found by its owner.
 */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { shownService } from '../connections/http.js';
import { introspect } from '../connections/introspect.js';
import { isPrepared } from '../connections/prepare.js';
import { messageOf } from '../language/plan/failure.js';
import type { Problem } from '../language/plan/problem.js';
import { ensureEncoder, isOff } from '../models/store.js';
import { readMigrations } from '../store/migrate.js';
import { createPool, placeOf } from '../store/pool.js';
import type { Configuration, HttpConnection, PostgresConnection, ToolConnection, Variables } from './configuration.js';
import { compileDefinitions } from './definitions.js';
import { openDoor } from './doors.js';
import { running, runningVariables } from './environment.js';
import { encoderOptions } from './models.js';
import { answers, isFree } from './ports.js';
import { withActivities } from './load-activities.js';
import { loadProject } from './project.js';
import { temporalAddress } from './temporal-address.js';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly said: string;
  /** What to do, when it is not in order. */
  readonly hint?: string;
}

const OLDEST_NODE = [20, 19] as const;
const NEEDED_BYTES = 1_000_000_000;

/** All checks, in the order in which things depend on each other. */
export async function examine(directory: string, variables: Variables): Promise<readonly Check[]> {
  const complete = await runningVariables(directory, variables);
  const { configuration, problems, unset } = await withActivities(loadProject(directory, complete));
  const first = problems.find((problem) => problem.severity === 'error');
  const project = firnYaml(
    problems.length,
    first === undefined ? undefined : `${first.file}:${first.line}: ${first.message}`,
  );
  const checks: Check[] = [checkNode(), checkPackages(directory), checkDisk(directory), project];
  if (configuration === undefined) return checks;
  checks.push(checkDefinitions(configuration));
  checks.push(await checkRunning(directory));
  checks.push(...(await checkPorts(directory)));
  checks.push(await checkTemporal(configuration, complete));
  for (const problem of unset)
    if (problem.severity === 'error')
      checks.push(bad('secrets', `${problem.path}: ${problem.message}`, problem.hint ?? 'set it'));
  checks.push(await checkDatabase(configuration));
  for (const connection of configuration.connections.values())
    if (connection.kind === 'postgres') checks.push(await checkConnection(configuration, connection));
    else if (connection.kind === 'http') checks.push(checkService(connection, unset));
    else checks.push(checkTools(connection));
  checks.push(await checkModel(configuration));
  return checks;
}

function good(name: string, said: string): Check {
  return { name, ok: true, said };
}

function bad(name: string, said: string, hint: string): Check {
  return { name, ok: false, said, hint };
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const said = `Node.js ${process.versions.node} on ${process.platform} ${process.arch}`;
  return recent ? good('node', said) : bad('node', said, `install Node.js ${OLDEST_NODE.join('.')} or newer`);
}

function checkPackages(directory: string): Check {
  const lock = join(directory, 'package-lock.json');
  if (!existsSync(lock)) return good('packages', 'installed with Firn');
  // Written last, by Firn's own installation and by npm's.
  const stamps = ['.firn-stamp', '.package-lock.json'].map((name) => join(directory, 'node_modules', name));
  return stamps.some((stamp) => existsSync(stamp))
    ? good('packages', 'as the lock file says')
    : bad('packages', 'not installed, or not completely', 'npm start installs them');
}

function checkDisk(directory: string): Check {
  const { bavail, bsize } = statfsSync(directory);
  const said = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
  return bavail * bsize > NEEDED_BYTES
    ? good('disk', said)
    : bad('disk', said, 'the server, the model and the databases need about 1 GB');
}

function firnYaml(count: number, first: string | undefined): Check {
  if (first === undefined) return good('firn.yaml', 'no problems');
  return bad('firn.yaml', `${count} problems, the first: ${first}`, 'firn validate shows all of them');
}

function checkDefinitions(configuration: Configuration): Check {
  const all = compileDefinitions(configuration);
  const wrong = all.filter((definition) => definition.plan === undefined);
  if (wrong.length === 0) return good('definitions', all.map((definition) => definition.name).join(', ') || 'none');
  const names = wrong.map((definition) => definition.file).join(', ');
  return bad('definitions', `with problems: ${names}`, 'firn validate shows them');
}

async function checkRunning(directory: string): Promise<Check> {
  const owner = await running(directory);
  return good('npm start', owner === undefined ? 'does not run' : `runs as process ${owner.pid ?? 'unknown'}`);
}

/** Only of interest while nothing runs: then the next start would take other ports. */
async function checkPorts(directory: string): Promise<readonly Check[]> {
  if ((await running(directory)) !== undefined) return [];
  const taken: number[] = [];
  for (const port of [7233, 8233, 54_320]) if (!(await isFree(port))) taken.push(port);
  if (taken.length === 0) return [good('ports', '7233, 8233 and 54320 are free')];
  return [good('ports', `${taken.join(', ')} taken by other programs; the next start uses the ports above`)];
}

async function checkTemporal(configuration: Configuration, variables: Variables): Promise<Check> {
  try {
    const { address, namespace } = temporalAddress(configuration, variables);
    const there = await answers(address);
    return there
      ? good('temporal', `answers at ${address}, namespace ${namespace}`)
      : bad('temporal', `nothing answers at ${address}`, 'npm start starts one; TEMPORAL_ADDRESS names another');
  } catch (error) {
    return bad('temporal', messageOf(error), 'correct or remove it');
  }
}

async function checkDatabase(configuration: Configuration): Promise<Check> {
  let url: string;
  try {
    url = configuration.databaseUrl.resolve();
  } catch (error) {
    return bad('database', messageOf(error), 'npm start brings a PostgreSQL along; DATABASE_URL names another');
  }
  const pool = createPool(url, { size: 1, schema: configuration.schema });
  try {
    const { rows } = await pool.query<{ there: boolean }>("select to_regclass('firn_migration') is not null as there");
    if (rows[0]?.there !== true)
      return bad(
        'database',
        `${placeOf(url)} answers and has no tables of Firn`,
        'npm start or firn worker makes them',
      );
    const applied = await pool.query<{ name: string }>('select name from firn_migration');
    const missing = readMigrations().filter(({ name }) => !applied.rows.some((row) => row.name === name));
    const said = `${placeOf(url)} answers; ${applied.rows.length} migrations applied`;
    return missing.length === 0
      ? good('database', said)
      : bad('database', `${said}, ${missing.length} missing`, 'npm start or firn worker applies them');
  } catch (error) {
    return bad('database', `${placeOf(url)}: ${messageOf(error)}`, 'start it, or correct DATABASE_URL');
  } finally {
    await pool.end();
  }
}

/** The columns file says what the database has, and the effect table is there. */
async function checkConnection(configuration: Configuration, connection: PostgresConnection): Promise<Check> {
  const name = `connection ${connection.name}`;
  try {
    const door = openDoor(configuration, connection, 1);
    try {
      if (connection.effects !== 'none' && !(await isPrepared(door))) {
        return bad(
          name,
          'the table that makes effects happen once is missing',
          `firn connections prepare ${connection.name}`,
        );
      }
      const same = (await introspect(door)).trim() === readFileSync(connection.columnsFile, 'utf8').trim();
      return same
        ? good(name, `${connection.columnsName} is what the database has`)
        : bad(
            name,
            `${connection.columnsName} differs from the database`,
            `firn connections introspect ${connection.name} writes it anew; look at the difference`,
          );
    } finally {
      await door.pool.end();
    }
  } catch (error) {
    return bad(name, messageOf(error), 'see above, or correct firn.yaml');
  }
}

/** Only named: a request could be one too many. */
function checkService(connection: HttpConnection, unset: readonly Problem[]): Check {
  const name = `connection ${connection.name}`;
  const missing = unset.filter(({ path }) => path.startsWith(`connections.${connection.name}.`));
  if (missing.length > 0) {
    const said = missing.map(({ message }) => message).join('; ');
    return good(
      name,
      `an HTTP service, not set up: ${said}. A run that comes to it tries for a while, and then goes to its owner`,
    );
  }
  try {
    return good(name, `an HTTP service (${shownService(connection)}); not asked`);
  } catch (error) {
    return bad(name, messageOf(error), `correct ${connection.url.reference}`);
  }
}

/** Only named: asking would start a program, or make a request. */
function checkTools({ name, server, toolsName, tools }: ToolConnection): Check {
  const place = server.kind === 'stdio' ? `the program ${server.command[0] ?? ''}` : server.url.reference;
  return good(`connection ${name}`, `${tools.size} tools of ${place}, by ${toolsName}; not asked`);
}

async function checkModel(configuration: Configuration): Promise<Check> {
  if (configuration.models.off) return good('model', 'off: open questions go to people');
  const found = await ensureEncoder({ ...encoderOptions(configuration), offline: true });
  if (isOff(found))
    return bad('model', found.off.join('; '), 'npm start fetches it; until then open questions go to people');
  return good('model', `${found.path} is whole (SHA-256 ${found.sha256.slice(0, 12)}…)`);
}
