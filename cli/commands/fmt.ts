/**
 * `firn fmt [FILES]`: lays out definitions, policies and tests alike; with `--check` only says which are laid out otherwise.
 *
 * HOST. A file is replaced in one move, and only when the new text says the same: for a definition, when it compiles to the
 * same plan. Needs no server and no database.
 */
import {
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { format } from '../../language/compiler/format.js';
import { canonicalJson, isJsonMap, type Json } from '../../language/plan/json.js';
import type { Problem } from '../../language/plan/problem.js';
import type { Configuration } from '../../setup/configuration.js';
import { compileFile } from '../../setup/definitions.js';
import { loadProject } from '../../setup/project.js';
import type { CommonOptions } from '../main.js';
import { problemLines, publicProblem } from '../problems.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from '../terminal.js';

const LAID_OUT = /\.(flow|policy|test)\.ya?ml$/;

type State = 'as it should be' | 'laid out' | 'to be laid out' | 'unreadable' | 'refused';

interface Looked {
  readonly file: string;
  readonly state: State;
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly why?: string;
}

export function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const { configuration } = loadProject(options.directory, process.env);
  const check = options['check'] === true;
  const paths = args.length === 0 ? allFiles(configuration, options.directory) : args.map(named);
  const looked = paths.map((path) => look(path, configuration, check));
  return Promise.resolve(show(terminal, looked, check));
}

function named(path: string): string {
  if (!existsSync(path)) throw new CommandError(EXIT.usage, 'usage', `there is no file ${path} in ${resolve('.')}`);
  if (LAID_OUT.test(path)) return path;
  throw new CommandError(
    EXIT.usage,
    'usage',
    `${path} is not laid out here`,
    'it takes files named *.flow.yaml, *.policy.yaml and *.test.yaml',
  );
}

/** Of every folder that holds a definition. */
function allFiles(configuration: Configuration | undefined, directory: string): readonly string[] {
  if (configuration === undefined)
    throw new CommandError(
      EXIT.usage,
      'usage',
      `firn.yaml in ${resolve(directory)} cannot be read`,
      'firn validate says why; or name the files',
    );
  const folders = new Set(configuration.definitions.map(({ path }) => dirname(path)));
  return [...folders].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => LAID_OUT.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
}

function look(path: string, configuration: Configuration | undefined, check: boolean): Looked {
  const file = relative(resolve('.'), path).split(sep).join('/');
  const text = readFileSync(path, 'utf8');
  const formatting = format(file, text);
  if (formatting.is === 'unreadable') return { file, state: 'unreadable', text, problems: formatting.problems };
  const base = { file, text, problems: [] };
  if (formatting.is === 'refused') return { ...base, state: 'refused', why: formatting.why };
  if (formatting.text === text) return { ...base, state: 'as it should be' };
  if (configuration !== undefined && !samePlan(configuration, path, formatting.text))
    return { ...base, state: 'refused', why: 'it would compile to another plan' };
  if (check) return { ...base, state: 'to be laid out' };
  replace(path, formatting.text);
  return { ...base, state: 'laid out' };
}

/** True also when neither text has a plan: what they say is the same, and so is what is wrong with it. */
function samePlan(configuration: Configuration, path: string, text: string): boolean {
  if (!/\.flow\.ya?ml$/.test(path)) return true;
  const [before, after] = [compileFile(configuration, path), compileFile(configuration, path, text)];
  if (before.plan === undefined || after.plan === undefined) return before.plan === after.plan;
  return canonicalJson(withoutPlaces(before.plan)) === canonicalJson(withoutPlaces(after.plan));
}

/** A plan without what tells where in which text it stood. */
function withoutPlaces(value: unknown): Json {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (!isJsonMap(value))
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  const kept = Object.entries(value).filter(([key]) => !['line', 'column', 'hash', 'sourceHash'].includes(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutPlaces(inner)]));
}

/** In one move: whoever reads the file sees the old text or the new one. */
function replace(path: string, text: string): void {
  const target = realpathSync(path);
  const beside = `${target}.${process.pid}.new`;
  writeFileSync(beside, text);
  chmodSync(beside, statSync(target).mode);
  renameSync(beside, target);
}

function show(terminal: Terminal, looked: readonly Looked[], check: boolean): ExitCode {
  const of = (state: State): readonly Looked[] => looked.filter((one) => one.state === state);
  const problems = looked.flatMap((one) => one.problems);
  const refused = of('refused');
  const changed = [...of('laid out'), ...of('to be laid out')];
  terminal.document({
    ok: problems.length === 0 && refused.length === 0 && !(check && changed.length > 0),
    files: looked.map(({ file, state, why }) => ({ file, state, why: why ?? null })),
    problems: problems.map(publicProblem),
  });
  for (const { file, state } of changed) terminal.line(check ? file : `${state} ${file}`);
  const sources = new Map(looked.map(({ file, text }) => [file, text]));
  if (problems.length > 0) for (const line of problemLines(terminal, problems, sources)) terminal.line(line);
  for (const { file, why } of refused)
    terminal.note(
      `${terminal.colors.red('error:')} ${file} is left as it is: laid out, ${why ?? ''}. Please report this.`,
    );
  const rest = looked.length - changed.length - of('unreadable').length - refused.length;
  terminal.note(
    `${looked.length} ${looked.length === 1 ? 'file' : 'files'}: ${changed.length} ${check ? 'to be laid out' : 'laid out'}, ${rest} as they should be`,
  );
  if (problems.length > 0) return EXIT.usage;
  return refused.length > 0 || (check && changed.length > 0) ? EXIT.failed : EXIT.ok;
}
