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
import type { Callee } from '../language/plan/project.js';
import type { Configuration, DefinitionFile } from './configuration.js';

export interface CompiledDefinition {
  /** From the file's name. */
  readonly name: string;
  /** Relative to the project, with `/`. */
  readonly file: string;
  /** Absent when there is any error. */
  readonly plan?: NonNullable<Compilation['plan']>;
  /** What it can do at the most; with a plan. */
  readonly bounds?: NonNullable<Compilation['bounds']>;
  readonly callee?: Callee;
  readonly problems: readonly Problem[];
  /** The text of the definition. */
  readonly source: string;
  /** Texts of all files that its problems can name, by that name. */
  readonly sources: ReadonlyMap<string, string>;
}

/** All definitions that the configuration found, in its order. */
export function compileDefinitions(configuration: Configuration): readonly CompiledDefinition[] {
  const known = new Known(configuration);
  return configuration.definitions.map((definition) => known.compiled(definition));
}

/**
 * One definition file, also one that lies elsewhere: it is compiled as if it belonged to the project. `text` stands for
 * what the file holds.
 */
export function compileFile(configuration: Configuration, path: string, text?: string): CompiledDefinition {
  const absolute = resolve(path);
  const inside = relative(configuration.directory, absolute).split(sep).join('/');
  const file = inside.startsWith('..') ? path : inside;
  const name = basename(absolute).replace(/\.flow\.ya?ml$|\.ya?ml$/, '');
  const held = text === undefined ? {} : { text };
  return new Known(configuration).compiled({ name, file, path: absolute, ...held });
}

type Held = DefinitionFile & { readonly text?: string };

/** The definitions of a project, each compiled once: before those that call it. */
class Known {
  private readonly configuration: Configuration;
  private readonly done = new Map<string, CompiledDefinition>();
  private readonly begun = new Set<string>();

  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }

  compiled(definition: Held): CompiledDefinition {
    const before = this.done.get(definition.path);
    if (before !== undefined) return before;
    this.begun.add(definition.path);
    const made = compileDefinition(this.configuration, definition, (name) => this.callee(name));
    this.done.set(definition.path, made);
    return made;
  }

  /** Undefined for one that is being compiled: it calls, in its turn, what asks for it. */
  private callee(name: string): Callee | undefined {
    const definition = this.configuration.definitions.find((known) => known.name === name);
    if (definition === undefined) return undefined;
    if (this.begun.has(definition.path) && !this.done.has(definition.path)) return undefined;
    return this.compiled(definition).callee;
  }
}

function compileDefinition(
  configuration: Configuration,
  { name, file, path, text: held }: Held,
  callees: (name: string) => Callee | undefined,
): CompiledDefinition {
  const sources = new Map<string, string>();
  const source = held ?? readText(path);
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
  return {
    name,
    file,
    ...compile({ file, text: source, project: configuration.project, policies, callees }),
    source,
    sources,
  };
}

function readText(path: string): string | Error {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}
