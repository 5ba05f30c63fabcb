/**
 * The definitions of a project, compiled: what `firn validate` shows, what a worker runs.
 *
 * HOST: reads definition and policy files. A definition with errors has no plan, and does not keep others from theirs.
 */
import { readFileSync } from 'node:fs';
import { basename, relative, resolve, sep } from 'node:path';
import { compile, type Compilation } from '../language/compiler/compile.js';
import { messageOf } from '../language/plan/failure.js';
import { Problems, type Problem } from '../language/plan/problem.js';
import type { Configuration, DefinitionFile } from './configuration.js';

export interface CompiledDefinition {
  /** From the file's name. */
  readonly name: string;
  /** Relative to the project, with `/`. */
  readonly file: string;
  /** Absent when there is any error. */
  readonly plan?: NonNullable<Compilation['plan']>;
  readonly problems: readonly Problem[];
  /** The text of the definition. */
  readonly source: string;
  /** Texts of all files that its problems can name, by that name. */
  readonly sources: ReadonlyMap<string, string>;
}

/** All definitions that the configuration found, in its order. */
export function compileDefinitions(configuration: Configuration): readonly CompiledDefinition[] {
  return configuration.definitions.map((definition) => compileDefinition(configuration, definition));
}

/** One definition file, also one that lies elsewhere: it is compiled as if it belonged to the project. */
export function compileFile(configuration: Configuration, path: string): CompiledDefinition {
  const absolute = resolve(path);
  const inside = relative(configuration.directory, absolute).split(sep).join('/');
  const file = inside.startsWith('..') ? path : inside;
  const name = basename(absolute).replace(/\.flow\.ya?ml$|\.ya?ml$/, '');
  return compileDefinition(configuration, { name, file, path: absolute });
}

function compileDefinition(configuration: Configuration, { name, file, path }: DefinitionFile): CompiledDefinition {
  const sources = new Map<string, string>();
  const source = readText(path);
  if (source instanceof Error) {
    const problems = new Problems(file);
    problems.error('FIRN100', { at: { line: 1, column: 1 }, path: '' }, `the file cannot be read: ${source.message}`);
    return { name, file, problems: problems.all, source: '', sources };
  }
  sources.set(file, source);
  // Policies are named by their path within the project, or beside a definition that lies outside of it.
  const root = path.endsWith(file) ? path.slice(0, -file.length) : configuration.directory;
  const policies = (inner: string): string | undefined => {
    const text = readText(resolve(root, inner));
    if (text instanceof Error) return undefined;
    sources.set(inner, text);
    return text;
  };
  return { name, file, ...compile({ file, text: source, project: configuration.project, policies }), source, sources };
}

function readText(path: string): string | Error {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}
