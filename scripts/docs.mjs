/**
 * Writes what is generated from the code: docs/problems.md, the reference part of docs/language.md, and the editor's
 * JSON Schema. With `--check` writes nothing and fails when a file differs. Reads the build, so build first.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { CATALOGUE } from '../dist/language/plan/catalogue.js';
import { FAILURE_CODES } from '../dist/language/plan/failure.js';
import { kinds } from '../dist/language/steps/index.js';

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

function verbsReference() {
  return Object.values(kinds)
    .map((kind) => {
      const about = [`### \`${kind.verb}\``, '', kind.about, '', ...describeSchema(kind.schema)];
      return [...about, '', `Result: ${kind.result}`, '', '```yaml', kind.example.trimEnd(), '```', ''].join('\n');
    })
    .join('\n')
    .trimEnd();
}

function failuresReference() {
  return [
    '| code | means |',
    '|---|---|',
    ...Object.entries(FAILURE_CODES).map(([code, means]) => `| \`${code}\` | ${means} |`),
  ].join('\n');
}

/** Where a verb's schema says `$comment: steps`, the editor offers steps; other marks mean nothing to an editor. */
function forEditor(schema) {
  if (Array.isArray(schema)) return schema.map(forEditor);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $comment: mark, ...rest } = schema;
  const parts = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, forEditor(value)]));
  return mark === 'steps' ? { ...parts, type: 'array', items: { $ref: '#/definitions/step' } } : parts;
}

function editorSchema() {
  const text = { type: 'string' };
  const common = {
    id: { ...text, description: 'Names the step; its result is read by this name.' },
    summary: { ...text, description: "One line for people, shown in Temporal's UI." },
    when: { ...text, description: 'Runs only if this `${{ }}` holds; else its result has no fields.' },
    timeout: { ...text, description: 'Longest time of the whole step: `30s`, `15m`, `2d`.' },
    retry: {
      type: 'object',
      additionalProperties: false,
      properties: { attempts: { type: 'integer' }, first: text, factor: { type: 'number' }, most: text },
    },
    ensure: { ...text, description: 'Must hold of the recorded result.' },
    undo: { $ref: '#/definitions/step', description: 'The step that takes this one back.' },
  };
  const verbs = Object.fromEntries(
    Object.values(kinds).map((kind) => [kind.verb, { ...forEditor(kind.schema), description: kind.about }]),
  );
  const step = {
    type: 'object',
    additionalProperties: false,
    properties: { ...common, ...verbs },
    oneOf: Object.values(kinds).map((kind) => ({ required: [kind.verb] })),
  };
  const header = {
    workflow: { ...text, description: "The name; what Temporal's UI shows as Workflow Type." },
    summary: { ...text, description: 'What it does, in a line.' },
    owner: { ...text, description: 'The role that answers for it.' },
    ends_within: { ...text, description: 'After that a run is handed to the owner.' },
    uses: { type: 'array', items: text, description: 'Connections it may touch; nothing else is reachable.' },
    policies: { type: 'object', additionalProperties: text },
    input: { type: 'object', description: 'Fields of the input; `name?` may be absent.' },
    steps: { type: 'array', items: { $ref: '#/definitions/step' } },
    output: { type: 'object' },
  };
  return `${JSON.stringify(
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'A Firn workflow definition',
      type: 'object',
      additionalProperties: false,
      required: ['workflow', 'summary', 'owner', 'ends_within', 'steps'],
      properties: header,
      definitions: { step },
    },
    null,
    2,
  )}\n`;
}

emit('docs/problems.md', problemsPage());
between('docs/language.md', 'verbs', verbsReference());
between('docs/language.md', 'failures', failuresReference());
emit('schema/flow.schema.json', editorSchema());
if (stale.length > 0) {
  console.error(`docs: not what the code says: ${stale.join(', ')}. Run: npm run docs`);
  process.exitCode = 1;
} else {
  console.error(check ? 'docs: as the code says' : 'docs: written');
}
