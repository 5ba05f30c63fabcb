/**
 * Writes what is generated from the code: docs/problems.md, docs/definitions.md, docs/verbs.md, the tables of docs/language.md, docs/cel.md and
 * the editor's JSON Schemas. With `--check` writes nothing and fails when a file differs. Reads the build, so build first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { CATALOGUE } from '../dist/language/plan/catalogue.js';
import {
  editorSchema,
  flowEditorSchema,
  policyEditorSchema,
  testsEditorSchema,
} from '../dist/language/compiler/editor-schema.js';
import { guarantees } from '../dist/language/compiler/explain.js';
import { mermaidOf } from '../dist/language/compiler/graph-mermaid.js';
import { graphOf } from '../dist/language/compiler/graph.js';
import { FAILURE_CODES } from '../dist/language/plan/failure.js';
import { kinds } from '../dist/language/steps/index.js';
import { compileDefinitions } from '../dist/setup/definitions.js';
import { FIRN_YAML_SCHEMA } from '../dist/setup/firn-yaml-schema.js';
import { withActivities } from '../dist/setup/load-activities.js';
import { loadProject } from '../dist/setup/project.js';

const check = process.argv.includes('--check');
const stale = [];

function emit(path, text) {
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (current === text) return;
  if (check) stale.push(path);
  else writeFileSync(path, text);
}

function between(path, name, text) {
  const page = readFileSync(path, 'utf8');
  const open = `<!-- generated: ${name} -->`;
  const close = `<!-- end: ${name} -->`;
  const from = page.indexOf(open);
  const to = page.indexOf(close);
  if (from < 0 || to < 0) throw new Error(`${path} has no place for "${name}" (${open} … ${close})`);
  emit(path, `${page.slice(0, from + open.length)}\n${text}\n${page.slice(to)}`);
}

function refusedExamples() {
  const examples = new Map();
  for (const file of readdirSync('test/refused')
    .filter((name) => name.endsWith('.txt'))
    .sort()) {
    const text = readFileSync(`test/refused/${file}`, 'utf8').trimEnd();
    for (const [, code] of text.matchAll(/ (FIRN\d{3}) /g)) if (!examples.has(code)) examples.set(code, text);
  }
  return examples;
}

function problemsPage() {
  const examples = refusedExamples();
  const parts = [
    '# Problems',
    '',
    'Generated from `language/plan/catalogue.ts` by `npm run docs`. Codes are permanent. `firn validate` prints all problems of a file at once; with `--json` they carry file, line, column, path, message and hint.',
    '',
  ];
  for (const [code, title] of Object.entries(CATALOGUE)) {
    parts.push(`## ${code}: ${title}`, '');
    const example = examples.get(code);
    if (example !== undefined) parts.push('```', example, '```', '');
  }
  return `${parts.join('\n').trimEnd()}\n`;
}

function describeSchema(schema, indent = '') {
  const lines = [];
  const required = new Set(schema.required ?? []);
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const bits = [];
    if (property.enum !== undefined) bits.push(property.enum.map((value) => `\`${value}\``).join(' or '));
    else if (property.type !== undefined) bits.push([property.type].flat().join(' or '));
    if (property.default !== undefined) bits.push(`default ${JSON.stringify(property.default)}`);
    const about = property.description === undefined ? '' : `: ${property.description}`;
    lines.push(
      `${indent}- \`${key}${required.has(key) ? '' : '?'}\`${bits.length === 0 ? '' : ` (${bits.join(', ')})`}${about}`,
    );
  }
  return lines;
}

function verbsPage() {
  const intro =
    'Generated from `language/steps/` by `npm run docs`. `?` marks what may be left out. [The language](language.md) says how they go together.';
  const parts = Object.values(kinds).map((kind) => {
    const keys = describeSchema(kind.schema);
    const about = [`## \`${kind.verb}\``, '', kind.about, '', ...(keys.length === 0 ? [] : [...keys, ''])];
    return [...about, `Result: ${kind.result}`, '', '```yaml', kind.example.trimEnd(), '```', ''].join('\n');
  });
  return ['# Verbs', '', intro, '', ...parts].join('\n');
}

function verbsTable() {
  const lines = Object.values(kinds).map(({ verb, about, schema }) => {
    const required = new Set(schema.required ?? []);
    const keys = Object.keys(schema.properties ?? {}).map((key) => `\`${key}${required.has(key) ? '' : '?'}\``);
    const cells = [`[\`${verb}\`](verbs.md#${verb})`, about, keys.join(' ')];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| verb | does | keys |', '|---|---|---|', ...lines].join('\n');
}

function failuresReference() {
  return [
    '| code | means |',
    '|---|---|',
    ...Object.entries(FAILURE_CODES).map(([code, means]) => `| \`${code}\` | ${means} |`),
  ].join('\n');
}

/** Comes from a test: the official cases are put through the compiler anew. */
function conformancePage() {
  const words = ['--import', './test/real/typescript.mjs', 'test/expressions/conformance/print.ts'];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`docs/cel.md cannot be made: ${stderr}`);
  return stdout;
}

/** The shipped definitions: what each is for, what it may do at worst, and its picture. */
async function definitionsPage() {
  const { configuration } = await withActivities(loadProject('.', {}));
  if (configuration === undefined) throw new Error('firn.yaml cannot be read');
  const parts = compileDefinitions(configuration).map(({ file, plan, bounds }) => {
    if (plan === undefined || bounds === undefined) throw new Error(`${file} does not compile`);
    const says = guarantees(bounds).map((line) => `- ${line}`);
    const picture = ['```mermaid', mermaidOf(graphOf(plan)).trimEnd(), '```'];
    return [`## [${plan.name}](../${file})`, '', plan.summary, '', ...says, '', ...picture, ''].join('\n');
  });
  const intro =
    'Generated from `definitions/` by `npm run docs`. `firn explain NAME` says in sentences what each does; `firn graph NAME --format svg` draws it, and with `--ticket` the way of a run.';
  return ['# The shipped definitions', '', intro, '', ...parts].join('\n');
}

emit('docs/problems.md', problemsPage());
emit('docs/definitions.md', await definitionsPage());
emit('docs/cel.md', conformancePage());
emit('docs/verbs.md', verbsPage());
between('docs/language.md', 'verbs', verbsTable());
between('docs/language.md', 'failures', failuresReference());
for (const [name, schema] of Object.entries({
  flow: flowEditorSchema(),
  tests: testsEditorSchema(),
  policy: policyEditorSchema(),
  project: editorSchema('firn.yaml of a Firn project', FIRN_YAML_SCHEMA),
}))
  emit(`schema/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
if (stale.length > 0) {
  console.error(`docs: not what the code says: ${stale.join(', ')}. Run: npm run docs`);
  process.exitCode = 1;
} else {
  console.error(check ? 'docs: as the code says' : 'docs: written');
}
