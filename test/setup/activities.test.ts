/** Modules with activities: what they may export, what is wrong with them, and definitions that use them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { compileDefinitions } from '../../setup/definitions.js';
import { withActivities } from '../../setup/load-activities.js';
import { loadProject } from '../../setup/project.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'firn-activities-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const load = (files: Readonly<Record<string, string>>) => withActivities(loadProject(project(files), {}));
const ROLES = 'roles: { desk: { people: [] } }\n';
const FLOW = `workflow: ship
summary: Ship a parcel
owner: desk
ends_within: 1d
input: { order_id: string }
steps:
  - id: parcel
    use: { activity: track, with: { order_id: "\${{ input.order_id }}" } }
  - return: { place: "\${{ parcel.place }}" }
`;
const TRACK = `name: 'track', effect: 'read', takes: { order_id: 'string', 'fast?': 'boolean' }, gives: { place: 'string' }`;

describe('a module', () => {
  test('registers what it exports, by name, as one or as a list', async () => {
    const { problems, registered, configuration } = await load({
      'firn.yaml': `activities: ./a.mjs\n${ROLES}`,
      'a.mjs': `export const track = { ${TRACK}, run: () => ({ place: 'here' }) };
        export { track as same };
        export default [{ name: 'ring', effect: 'once', about: 'Rings', trusted: true, run() { return this.name; } }];
        export const help = 7, nothing = undefined;`,
      'definitions/ship/ship.flow.yaml': FLOW,
    });
    expect(problems).toEqual([]);
    expect([...registered.keys()].sort()).toEqual(['ring', 'track']);
    expect(registered.get('ring')).toMatchObject({
      about: 'Rings',
      trusted: true,
      gives: { kind: 'any' },
      output: null,
    });
    const context = { key: 'k', signal: new AbortController().signal, heartbeat: () => undefined };
    expect(registered.get('ring')?.run({}, context)).toBe('ring');
    const compiled = configuration === undefined ? [] : compileDefinitions(configuration);
    expect(compiled.map(({ plan, problems: own }) => [plan?.name, own])).toEqual([['ship', []]]);
  });

  test('is not loaded by who does not compile', () => {
    const { configuration, problems } = loadProject(project({ 'firn.yaml': `activities: ./no.mjs\n${ROLES}` }), {});
    expect(problems).toEqual([]);
    expect(configuration?.project.activities.size).toBe(0);
  });

  test('may declare its arguments by a JSON Schema', async () => {
    const schema = `{ type: 'object', properties: { at: { type: 'string', format: 'date-time' } }, required: ['at'] }`;
    const { problems, registered } = await load({
      'firn.yaml': `activities: [./a.mjs]\n${ROLES}`,
      'a.mjs': `export const a = { name: 'a', effect: 'read', takes: ${schema}, run() {} };`,
    });
    expect(problems).toEqual([]);
    expect(registered.get('a')?.takes).toEqual({
      kind: 'map',
      fields: new Map([['at', { type: { kind: 'timestamp' }, presence: 'certain' }]]),
    });
  });

  const wrong: readonly (readonly [name: string, text: string, ...says: RegExp[]])[] = [
    ['that throws', 'throw new Error("no licence");', /^a.mjs cannot be loaded: no licence$/],
    ['that is no JavaScript', 'export const = 1;', /^a.mjs cannot be loaded: /],
    ['without activities', 'export const track = { name: "track" };', /^a.mjs exports no activity$/],
    [
      'with a bad name',
      "export const a = { name: 'a.b', effect: 'read', run() {} };",
      /^an activity cannot be named "a.b"$/,
    ],
    ['without a name', "export const a = { effect: 'read', run() {} };", /^an activity cannot be named nothing$/],
    [
      'without an effect',
      "export const a = { name: 'a', run() {} };",
      /^the activity "a" must say what its effect is, and says nothing$/,
    ],
    [
      'with an unknown key',
      "export const a = { name: 'a', effect: 'read', retries: 3, run() {} };",
      /^the activity "a" has no key "retries"$/,
    ],
    [
      'with arguments that are no map',
      "export const a = { name: 'a', effect: 'read', takes: 'string', run() {} };",
      /^a.takes must be a map of fields, and is "string"$/,
    ],
    [
      'with wrong fields',
      "export const a = { name: 'a', effect: 'read', takes: { id: 'text', 'no-name': 'string' }, gives: { x: [] }, run() {} };",
      /^a.takes.id: there is no type "text"$/,
      /^a.takes.no-name: a field cannot be named "no-name"/,
      /^a.gives.x: this list is empty/,
    ],
    [
      'with a wrong schema',
      "export const a = { name: 'a', effect: 'read', takes: { type: 'object', properties: { x: { type: 'strong' } } }, run() {} };",
      /^nothing can be checked against a.takes: /,
    ],
    [
      'with two of a name',
      "export const a = { name: 'a', effect: 'read', run() {} }, b = { ...a };",
      /^the activity "a" is registered twice; a.mjs has it too$/,
    ],
  ];
  test.each(wrong)('%s', async (_name, text, ...says) => {
    const { problems } = await load({ 'firn.yaml': `activities: ./a.mjs\n${ROLES}`, 'a.mjs': String(text) });
    expect(problems.map(({ code, file }) => `${file} ${code}`)).toEqual(says.map(() => 'a.mjs FIRN504'));
    expect(problems.map(({ message }) => message)).toEqual(
      says.map((one): unknown => expect.stringMatching(new RegExp(one))),
    );
  });

  test('that is not there, or not in the project', async () => {
    const { problems } = await load({ 'firn.yaml': `activities: [./no.mjs, ../other.mjs, /etc/passwd]\n${ROLES}` });
    expect(problems.map(({ file, line, message }) => `${file}:${line} ${message}`).sort()).toEqual([
      'firn.yaml:1 the module "../other.mjs" lies outside the project',
      'firn.yaml:1 the module "/etc/passwd" lies outside the project',
      'no.mjs:1 there is no module no.mjs',
    ]);
  });
});
