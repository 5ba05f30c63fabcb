/**
 * `npm run check`: what can be said of the sources without running them: types, lint, format, import directions, dead
 * code, the rules of the house, generated documents, the shipped definitions and their cases.
 *
 * Each part is a command of its own; all of them run, two at a time, and only what complains is printed. Exit 1 if any did.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';

const PARTS = [
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.lint.json', '--pretty', 'false'],
  [
    'lint',
    'node_modules/eslint/bin/eslint.js',
    '.',
    '--max-warnings',
    '0',
    '--cache',
    '--cache-location',
    'node_modules/.cache/eslint/',
  ],
  ['format', 'node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn', '--cache'],
  [
    'directions',
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    '.',
    '--output-type',
    'err',
  ],
  ['dead code', 'node_modules/knip/bin/knip.js', '--no-progress'],
  ['house', 'scripts/check-house.mjs'],
  ['documents', 'scripts/docs.mjs', '--check'],
  ['definitions', 'scripts/firn.mjs', 'validate'],
  ['cases', 'scripts/firn.mjs', 'test'],
];
const AT_ONCE = 2;

let failed = 0;
const waiting = [...PARTS];
await Promise.all(Array.from({ length: AT_ONCE }, lane));
process.exitCode = failed === 0 ? 0 : 1;

async function lane() {
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const [name, ...words] = part;
    const began = performance.now();
    const { code, said } = await run(words);
    const took = `${((performance.now() - began) / 1000).toFixed(1)} s`;
    console.log(`  ${code === 0 ? 'ok' : '!!'} check: ${name}  ${took}`);
    if (code === 0) continue;
    failed += 1;
    console.log(said.trim());
  }
}

function run(words) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (said += chunk));
    child.once('error', (error) => resolve({ code: 1, said: error.message }));
    child.once('exit', (code) => resolve({ code: code ?? 1, said }));
  });
}
