/**
 * Which test files `firn test` runs, and what each is a test of. HOST: reads folders and definitions.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Around } from '../language/compiler/tests-results.js';
import type { Configuration } from '../setup/configuration.js';
import { compileDefinitions, compileFile, type CompiledDefinition } from '../setup/definitions.js';
import { CommandError, EXIT } from './terminal.js';

export interface TestFile {
  readonly path: string;
  /** As people are shown it: relative to the project, or to where they are. */
  readonly shown: string;
  readonly definition: CompiledDefinition;
}

export interface Tests {
  readonly files: readonly TestFile[];
  /** Definitions without a test file; none when files are named. */
  readonly untested: readonly CompiledDefinition[];
  /** What they were compiled against. */
  readonly around: Around;
}

/** The named test files or definitions, or every one of the project. */
export function findTests(configuration: Configuration, args: readonly string[]): Tests {
  const all = compileDefinitions(configuration);
  const callees: Around['callees'] = (name) => all.find((definition) => definition.name === name)?.callee;
  const around = { project: configuration.project, callees };
  if (args.length > 0) return { files: args.map((file) => testOf(configuration, file)), untested: [], around };
  const files = all.flatMap((definition) => testsBeside(configuration, definition));
  const untested = all.filter((definition) => !files.some((file) => file.definition === definition));
  return { files, untested, around };
}

/** `refund.test.yaml`, and where one is not enough `refund.disputes.test.yaml`: the name of a workflow has no dot. */
function testsBeside(configuration: Configuration, definition: CompiledDefinition): readonly TestFile[] {
  const folder = join(configuration.directory, dirname(definition.file));
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${definition.name}.`) && name.endsWith('.test.yaml'))
    .sort()
    .map((name) => ({ path: join(folder, name), shown: `${dirname(definition.file)}/${name}`, definition }));
}

/** A test file, or a definition whose test file stands beside it. */
function testOf(configuration: Configuration, file: string): TestFile {
  const path = resolve(file.replace(/\.flow\.ya?ml$/, '.test.yaml'));
  const isTest = /\.test\.ya?ml$/.test(path);
  const flow = isTest ? join(dirname(path), basename(path).replace(/\..*$/, '.flow.yaml')) : path;
  if (!existsSync(path))
    throw new CommandError(
      EXIT.usage,
      'usage',
      `there is no test file ${path}`,
      'a test file is named <workflow>.test.yaml, or <workflow>.<part>.test.yaml',
    );
  if (flow === path || !existsSync(flow))
    throw new CommandError(EXIT.usage, 'usage', `there is no definition ${flow} for ${path}`);
  return { path, shown: relative(resolve('.'), path), definition: compileFile(configuration, flow) };
}
