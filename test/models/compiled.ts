/**
 * The model process compiled from its sources of this moment, once for a test file: it starts in a fraction of the time
 * that compiling while loading takes. Not a test itself.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const FOLDERS = ['models', 'decisions', 'language/plan'];

export interface CompiledModels {
  readonly directory: string;
  /** What a supervisor gives to Node. */
  readonly entry: readonly string[];
  remove(): void;
}

export function compileModels(): CompiledModels {
  // Below node_modules, so that packages are found from there.
  mkdirSync('node_modules/.cache', { recursive: true });
  const directory = mkdtempSync(join('node_modules', '.cache', 'firn-models-'));
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  for (const folder of FOLDERS) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    )) {
      const target = join(directory, folder, name.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(
        target,
        ts.transpileModule(readFileSync(join(folder, name), 'utf8'), { compilerOptions }).outputText,
      );
    }
  }
  return {
    directory,
    entry: [join(directory, 'models', 'process.js')],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
