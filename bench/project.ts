/**
 * The project that is measured: definitions of N steps, each reading one row, in a temporary folder.
 *
 * HOST.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../setup/configuration.js';
import { loadProject } from '../setup/project.js';

export interface BenchProject {
  readonly directory: string;
  remove(): void;
}

export function definitionOf(steps: number): string {
  return `steps-${steps}`;
}

export function writeProject(sizes: readonly number[]): BenchProject {
  const directory = mkdtempSync(join(tmpdir(), 'firn-bench-'));
  writeFileSync(join(directory, 'firn.yaml'), FIRN_YAML);
  writeFileSync(join(directory, 'shop.columns.yaml'), COLUMNS);
  for (const size of sizes) {
    const name = definitionOf(size);
    mkdirSync(join(directory, 'definitions', name), { recursive: true });
    writeFileSync(join(directory, 'definitions', name, `${name}.flow.yaml`), definition(name, size));
  }
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Of the project in that folder, with the database's address. */
export function openProject(directory: string, databaseUrl: string): Configuration {
  const { configuration, problems } = loadProject(directory, { DATABASE_URL: databaseUrl, FIRN_MODELS: 'off' });
  const wrong = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (configuration === undefined || wrong.length > 0)
    throw new Error(`the bench's project has problems: ${wrong.join('; ')}`);
  return configuration;
}

const FIRN_YAML = `project: firn-bench
connections:
  shop: { postgres: env:DATABASE_URL, columns: ./shop.columns.yaml }
roles:
  desk: { people: [maria] }
`;

const COLUMNS = `connection: shop
tables:
  rows:
    primary_key: [id]
    columns:
      id: { type: text }
      n: { type: integer }
`;

function definition(name: string, steps: number): string {
  const each = Array.from(
    { length: steps },
    (_, index) => `  - id: step_${index + 1}\n    read: { from: shop.rows, where: { id: "\${{ input.id }}" } }`,
  );
  return `workflow: ${name}
summary: ${steps} steps in a row
owner: desk
ends_within: 1h
uses: [shop]
input:
  id: string
steps:
${each.join('\n')}
output: { n: "\${{ step_${steps}.n }}" }
`;
}
