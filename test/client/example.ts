/** The examples of the documentation, as programs: the text that people read is the text that runs. Not a test itself. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { ROOT, type Place } from '../cli/place.js';

const CLIENT = join(ROOT, 'dist/client/index.js');

/** The TypeScript blocks of a file; in a module's header without the stars. */
export function examplesOf(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/^ \* ?/gm, '');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
}

/** Writes a program into the project that runs an example on its servers, and prints what is in `shown` at the end. */
export function programOf(place: Place, example: string, name: string, shown: string): string {
  const server = `address: ${JSON.stringify(place.temporal.address)}, queue: ${JSON.stringify(place.project)}, `;
  const body = example.replace(/^import .* from 'firnflow';\n/m, '').replace(/address: '[^']*', /, '');
  const here = body.replace('Firn.connect({ ', `Firn.connect({ ${server}`);
  if (here === body) throw new Error('the example does not connect in the way that is known here');
  const source = `import { Firn } from ${JSON.stringify(pathToFileURL(CLIENT).href)};\n${here}\nconsole.log(JSON.stringify(${shown}));\n`;
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const path = join(place.directory, `${name}.mjs`);
  writeFileSync(path, outputText);
  return path;
}

/** What the compiler says about an example in a strict project, with the package as it is built. */
export function typeProblems(examples: readonly string[]): readonly string[] {
  const file = (index: number): string => join(ROOT, `example-${index}.ts`);
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, exactOptionalPropertyTypes: true, types: ['node'] },
    ...{
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
    },
    paths: { firnflow: [join(ROOT, 'dist/client/index.d.ts')] },
  };
  const texts = new Map(examples.map((text, index) => [file(index), text]));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  const { getSourceFile } = host;
  host.getSourceFile = (path, version, ...rest) => {
    const text = texts.get(path);
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
