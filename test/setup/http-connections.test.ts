/** HTTP services in firn.yaml: what is read, what is refused, and which secrets are missing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { examine } from '../../setup/doctor.js';
import { loadProject } from '../../setup/project.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function project(connection: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'firn-http-'));
  folders.push(folder);
  writeFileSync(join(folder, 'firn.yaml'), `models: { off: true }\nconnections:\n  registry: ${connection}\n`);
  return folder;
}

const WHOLE =
  '{ http: env:URL, headers: { authorization: env:TOKEN, x-key: env:KEY }, timeout: 10s, allow_private: true, max_body: 2MB }';

test('all of it', () => {
  const { configuration, problems, unset } = loadProject(project(WHOLE), { URL: 'https://r.example', TOKEN: 't' });
  expect(problems).toEqual([]);
  const connection = configuration?.connections.get('registry');
  if (connection?.kind !== 'http') throw new Error('this is no HTTP service');
  const { url, headers, ...rest } = connection;
  expect(rest).toEqual({
    name: 'registry',
    kind: 'http',
    timeout_ms: 10_000,
    allowPrivate: true,
    maxBody_bytes: 2_000_000,
  });
  expect([url.resolve(), headers.get('authorization')?.resolve()]).toEqual(['https://r.example', 't']);
  expect(JSON.stringify(configuration)).not.toContain('r.example');
  expect(unset.map(({ path, code }) => `${code} ${path}`)).toContain('FIRN503 connections.registry.headers.x-key');
  expect(configuration?.project.connections.get('registry')).toEqual({ kind: 'http' });
});

test('without anything else, it is careful', () => {
  const { configuration, problems } = loadProject(project('{ http: env:URL }'), {});
  expect(problems).toEqual([]);
  expect(configuration?.connections.get('registry')).toMatchObject({
    ...{ allowPrivate: false, timeout_ms: 8_000, maxBody_bytes: 1_000_000 },
    headers: new Map(),
  });
});

const refused: readonly (readonly [connection: string, message: RegExp, hint?: RegExp])[] = [
  ['{ http: "https://r.example" }', /must be a reference to a secret/, /env:NAME/],
  ['{ http: env:URL, headers: { authorization: "Bearer abc" } }', /must be a reference to a secret/],
  [
    '{ http: env:URL, headers: { Authorization: env:T } }',
    /"Authorization" cannot be a name in "headers"/,
    /lower-case/,
  ],
  ['{ http: env:URL, columns: ./a.yaml }', /"registry" has no key "columns"/, /http, headers, timeout/],
  ['{ http: env:URL, timeout: 1h }', /"1h" cannot be the timeout/, /at most 25s/],
  ['{ http: env:URL, timeout: soon }', /"soon" cannot be the timeout/],
  ['{ http: env:URL, max_body: 1GB }', /"1GB" cannot be the size/, /at most 10MB/],
  ['{ http: env:URL, max_body: 11MB }', /"11MB" cannot be the size/],
  ['{ http: env:URL, allow_private: yes }', /"allow_private" must be true or false/],
];
test.each(refused)('%s is refused', (connection, message, hint = /(?:)/) => {
  const { problems } = loadProject(project(String(connection)), {});
  expect(problems.map(({ code }) => code)).toEqual(['FIRN500']);
  expect(problems[0]?.message).toMatch(new RegExp(message ?? ''));
  expect(problems[0]?.hint ?? '').toMatch(new RegExp(hint));
});

test('doctor names it and asks it nothing', async () => {
  const variables = { URL: 'http://user@127.0.0.1:1/', TOKEN: 't', KEY: 'k' };
  const found = async (given: Readonly<Record<string, string>>) =>
    (await examine(project(WHOLE), given)).find(({ name }) => name === 'connection registry');
  expect(await found({ ...variables, URL: 'http://127.0.0.1:1/secret' })).toEqual({
    ...{ name: 'connection registry', ok: true, said: 'an HTTP service (registry (127.0.0.1:1)); not asked' },
  });
  expect(await found(variables)).toMatchObject({ ok: false, hint: 'correct env:URL' });
});
