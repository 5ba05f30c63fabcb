/** docker-compose.yml without Docker: every reference leads somewhere, every variable is explained, scripts are right. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../setup/temporal-server.js';

const ROOT = join(import.meta.dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');

type Map = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function map(value: unknown): Map {
  return isMap(value) ? value : {};
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

const compose = map(parse(TEXT));
const services = Object.entries(map(compose['services'])).map(([name, service]) => ({ name, service: map(service) }));

describe.each(services)('service $name', ({ service }) => {
  test('depends on services that exist, on conditions that they can meet', () => {
    for (const [needed, how] of Object.entries(map(service['depends_on']))) {
      const other = services.find((candidate) => candidate.name === needed)?.service;
      expect(other, needed).toBeDefined();
      if (map(how)['condition'] === 'service_healthy') expect(other?.['healthcheck'], needed).toBeDefined();
      if (map(how)['condition'] === 'service_completed_successfully')
        expect(String(other?.['restart']), needed).toMatch(/^on-failure/);
    }
  });

  test('mounts files and volumes that exist', () => {
    for (const mount of texts(service['volumes'])) {
      const source = mount.split(':')[0] ?? '';
      if (source.startsWith('./')) expect(existsSync(join(ROOT, source)), source).toBe(true);
      else expect(Object.keys(map(compose['volumes']))).toContain(source);
    }
  });

  test('is in a network that exists, or in none on purpose', () => {
    for (const network of texts(service['networks'])) expect(Object.keys(map(compose['networks']))).toContain(network);
    if (service['network_mode'] !== undefined) expect(service['networks']).toBeUndefined();
  });

  test('has a fixed version or is built here', () => {
    const image = String(service['image']);
    expect(service['build'] !== undefined || /:\$\{[A-Z_]+:-[\d.]+\}$/.test(image), image).toBe(true);
  });

  test('runs files that exist', () => {
    const words = [...texts(service['command']), ...texts(map(service['healthcheck'])['test'])];
    for (const word of words.filter((candidate) => /^docker\//.test(candidate)))
      expect(existsSync(join(ROOT, word)), word).toBe(true);
    for (const word of words.filter((candidate) => /^dist\//.test(candidate))) {
      expect(existsSync(join(ROOT, word.replace(/^dist\//, '').replace(/\.js$/, '.ts'))), word).toBe(true);
    }
  });
});

test('the model has no network and no secret, and shares only its socket with the worker', () => {
  const model = services.find(({ name }) => name === 'model')?.service ?? {};
  const worker = services.find(({ name }) => name === 'worker')?.service ?? {};
  expect(model['network_mode']).toBe('none');
  expect(Object.keys(map(model['environment'])).sort()).toEqual(['FIRN_MODEL_SOCKET', 'FIRN_MODEL_THREADS']);
  expect(texts(model['volumes'])).toEqual(texts(worker['volumes']));
  expect(map(model['environment'])['FIRN_MODEL_SOCKET']).toBe(map(worker['environment'])['FIRN_MODEL_SOCKET']);
});

test('every variable is explained with the same default, and none that does not exist is', () => {
  const used = new Map<string, string>();
  for (const [, name = '', operator, value = ''] of TEXT.matchAll(/\$\{([A-Z_]+)(:-|:\?)([^}]*)\}/g))
    used.set(name, operator === ':-' ? value : '');
  const example = readFileSync(join(ROOT, 'docker/.env.example'), 'utf8');
  const explained = new Map(
    [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']): [string, string] => [name, value]),
  );
  expect([...explained].sort()).toEqual([...used].sort());
});

test('every $ of the file is a variable with a default or a demand', () => {
  expect(TEXT.replaceAll(/\$\{[A-Z_]+(:-|:\?)[^}]*\}/g, '')).not.toContain('$');
});

test.each(readdirSync(join(ROOT, 'docker')).filter((name) => name.endsWith('.sh')))('%s is a shell script', (name) => {
  execFileSync('sh', ['-n', join(ROOT, 'docker', name)]);
});

test.each(readdirSync(join(ROOT, 'docker')).filter((name) => name.endsWith('.mjs')))('%s is a module', (name) => {
  execFileSync(process.execPath, ['--check', join(ROOT, 'docker', name)]);
});

test('the namespace script makes the search attributes that Firn writes', () => {
  const script = readFileSync(join(ROOT, 'docker/create-namespace.sh'), 'utf8');
  const made = [...script.matchAll(/^try make_attribute (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]);
  expect(made).toEqual(Object.entries(SEARCH_ATTRIBUTES));
});

test('what the image copies is not shut out', () => {
  const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  for (const needed of ['docker', 'definitions', 'firn.yaml', 'scripts', 'store'])
    expect(ignored).not.toContain(needed);
  expect(ignored).toEqual(expect.arrayContaining(['.env', '.firn', 'node_modules']));
});
