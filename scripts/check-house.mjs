/**
 * What no linter knows: a header in each module, every problem code shown by a refused example, commands in the
 * README that exist, files of a size one can read. Prints what is wrong; exits 1 if anything is.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const LINES_AT_MOST = 300;
const MARKS = /\b(?:TODO|FIXME|XXX|HACK)\b|@ts-ignore|@ts-expect-error|\bas any\b|\.(?:skip|only)\(/;
const complaints = [];

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));

for (const file of tracked.filter((name) => /\.(?:ts|mjs)$/.test(name) && name !== 'scripts/check-house.mjs')) {
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n');
  const opening = text.replace(/^#!.*\n/, '');
  if (!opening.startsWith('/**') && !/\.config\.ts$/.test(file))
    complaints.push(`${file}:1: opens without a header that says what the module is for`);
  if (lines.length > LINES_AT_MOST)
    complaints.push(`${file}: ${lines.length} lines; split it by verb or stage (at most ${LINES_AT_MOST})`);
  lines.forEach((line, index) => {
    if (MARKS.test(line)) complaints.push(`${file}:${index + 1}: a mark that the house does without: ${line.trim()}`);
  });
}

const catalogue = [...readFileSync('language/plan/catalogue.ts', 'utf8').matchAll(/^\s{2}(FIRN\d{3}):/gm)].map(
  (match) => match[1],
);
const shown = tracked
  .filter((name) => name.startsWith('test/'))
  .map((name) => readFileSync(name, 'utf8'))
  .join('\n');
for (const code of catalogue) {
  if (!shown.includes(code)) complaints.push(`language/plan/catalogue.ts: no test shows ${code}`);
}
const sources = tracked
  .filter((name) => /\.ts$/.test(name) && !name.startsWith('test/') && name !== 'language/plan/catalogue.ts')
  .map((name) => readFileSync(name, 'utf8'))
  .join('\n');
for (const code of catalogue) {
  if (!sources.includes(code)) complaints.push(`language/plan/catalogue.ts: nothing reports ${code}`);
}

const scripts = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts);
const commands = [...readFileSync('cli/main.ts', 'utf8').matchAll(/usage: '([a-z-]+)/g)].map((match) => match[1]);
for (const page of [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]) {
  if (!existsSync(page)) continue;
  const text = readFileSync(page, 'utf8');
  for (const [, name] of text.matchAll(/npm run ([a-z:-]+)/g)) {
    if (!scripts.includes(name)) complaints.push(`${page}: npm run ${name} does not exist`);
  }
  for (const [, name] of text.matchAll(/(?:^|[`$] ?|npx )firn ([a-z][a-z-]+)/gm)) {
    if (!commands.includes(name)) complaints.push(`${page}: firn ${name} does not exist`);
  }
}

for (const complaint of complaints) console.error(complaint);
console.error(complaints.length === 0 ? 'house: in order' : `house: ${complaints.length} complaints`);
process.exitCode = complaints.length === 0 ? 0 : 1;
