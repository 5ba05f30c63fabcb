/**
 * What no linter knows: a header in each module, files of a size one can read, every problem code reported by the code and
 * shown by a test, every shipped definition with its cases and its golden plan, and pages whose commands and links exist.
 *
 * Looks at the folder it is run in. Prints what is wrong; exits 1 if anything is.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const LINES_AT_MOST = 300;
/** Tests are tables, and tables are long. */
const TEST_LINES_AT_MOST = 600;
const MARKS =
  /\b(?:TODO|FIXME|XXX|HACK)\b|@ts-(?:ignore|expect-error|nocheck)|\bas any\b|eslint-disable|\.(?:skip|only)\(/;
/** These name what others must not. */
const MAY_NAME_MARKS = ['scripts/check-house.mjs', 'test/house/checks.test.ts'];
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git', '.firn']);

const complaints = [];
const files = filesBelow('.');
const modules = files.filter((name) => /\.(?:ts|mjs)$/.test(name));
const textOf = new Map(modules.map((name) => [name, readFileSync(name, 'utf8')]));

checkModules();
checkCodes();
checkDefinitions();
for (const page of files.filter((name) => /^(?:docs\/(?:.*\/)?)?[^/]+\.md$/.test(name))) checkPage(page);

for (const complaint of complaints) console.error(complaint);
console.error(complaints.length === 0 ? 'house: in order' : `house: ${complaints.length} complaints`);
process.exitCode = complaints.length === 0 ? 0 : 1;

function checkModules() {
  for (const [file, text] of textOf) {
    const lines = text.trimEnd().split('\n');
    const most = file.startsWith('test/') ? TEST_LINES_AT_MOST : LINES_AT_MOST;
    const opening = text.replace(/^#!.*\n/, '');
    if (!opening.startsWith('/**') && !/\.config\.ts$/.test(file))
      complaints.push(`${file}:1: opens without a header that says what the module is for`);
    if (lines.length > most)
      complaints.push(`${file}: ${lines.length} lines; split it by verb or stage (at most ${most})`);
    if (MAY_NAME_MARKS.includes(file)) continue;
    lines.forEach((line, index) => {
      if (MARKS.test(line)) complaints.push(`${file}:${index + 1}: a mark that the house does without: ${line.trim()}`);
    });
  }
}

function checkCodes() {
  const catalogue = 'language/plan/catalogue.ts';
  const codes = [...textOf.get(catalogue).matchAll(/^\s{2}(FIRN\d{3}):/gm)].map((match) => match[1]);
  const shown = files
    .filter((name) => name.startsWith('test/') && /\.(?:ts|txt)$/.test(name))
    .map((name) => readFileSync(name, 'utf8'))
    .join('\n');
  const sources = modules
    .filter((name) => !name.startsWith('test/') && name !== catalogue)
    .map((name) => textOf.get(name))
    .join('\n');
  for (const code of codes) {
    if (!shown.includes(code)) complaints.push(`${catalogue}: no test shows ${code}`);
    if (!sources.includes(code)) complaints.push(`${catalogue}: nothing reports ${code}`);
  }
}

/** That they compile and pass is said by `firn validate` and `firn test`; here, that nobody forgot to write it down. */
function checkDefinitions() {
  for (const file of files.filter((name) => /^definitions\/.*\.flow\.yaml$/.test(name))) {
    const name = file.replace(/^.*\//, '').replace('.flow.yaml', '');
    for (const wanted of [file.replace('.flow.', '.test.'), `test/plans/${name}.plan.json`]) {
      if (!existsSync(wanted)) complaints.push(`${file}: ${wanted} is missing`);
    }
  }
}

function checkPage(page) {
  const text = readFileSync(page, 'utf8');
  const scripts = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts);
  const commands = [...textOf.get('cli/commands.ts').matchAll(/usage: '([a-z-]+)/g)].map((match) => match[1]);
  for (const [, name] of text.matchAll(/npm run ([a-z:-]+)/g)) {
    if (!scripts.includes(name)) complaints.push(`${page}: npm run ${name} does not exist`);
  }
  for (const [, name] of text.matchAll(/(?:^|[`$] ?|npx )firn ([a-z][a-z-]+)/gm)) {
    if (!commands.includes(name)) complaints.push(`${page}: firn ${name} does not exist`);
  }
  for (const [, target] of text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
    if (!/^[a-z]+:/.test(target) && !existsSync(join(dirname(page), target)))
      complaints.push(`${page}: links to ${target}, which is not there`);
  }
}

/** Relative, with `/`. */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}
