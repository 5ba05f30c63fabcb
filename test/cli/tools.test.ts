/** What the command `firn` does with servers of tools, modules of activities and schedules, without Temporal or a database. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFirn } from './firn.js';
import { copyProject, plainVariables, ROOT } from './place.js';

const PROGRAM = join(ROOT, 'test/connections/fixtures/tools.mjs');
const FIRN_YAML = `project: tools
activities: ./activities.mjs
connections:
  desk: { mcp: { command: [node, ${JSON.stringify(PROGRAM)}] }, tools: ./desk.tools.yaml, effects: { close: once } }
  gone: { mcp: { command: [/no/such/program] }, tools: ./desk.tools.yaml }
schedules:
  monthly: { workflow: ship, cron: "0 6 1 * *", zone: Europe/Berlin, input: { order: A-1 } }
roles: { owners: { people: [] } }
`;
const FLOW = `workflow: ship
summary: Ship a parcel
owner: owners
ends_within: 1d
uses: [desk]
input: { order_id: string }
steps:
  - id: parcel
    use: { activity: track, with: { order_id: "\${{ input.order_id }}" } }
  - use: { activity: desk.create_ticket, with: { title: "\${{ parcel.place }}" } }
`;
const ACTIVITIES = `export const track = {
  name: 'track', effect: 'read', takes: { order_id: 'string' }, gives: { place: 'string' }, run: () => ({ place: 'here' }),
};
`;

let directory = '';
beforeAll(() => {
  directory = copyProject('tools', {
    'own/firn.yaml': FIRN_YAML,
    'own/activities.mjs': ACTIVITIES,
    'own/definitions/ship/ship.flow.yaml': FLOW,
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const firn = (...words: string[]) =>
  runFirn(words, { directory: join(directory, 'own'), variables: plainVariables(), set: { FIRN_MODELS: 'off' } });

test('tools are written down once, and definitions are checked against the file', async () => {
  const before = await firn('validate');
  expect(before.code).toBe(2);
  expect(before.stdout).toContain('FIRN505 connections.desk.tools: the tools file "desk.tools.yaml" does not exist');

  const written = await firn('connections', 'introspect', 'desk', '--json');
  expect(written.json()).toEqual({ connection: 'desk', file: 'desk.tools.yaml', changed: true });
  const file = join(directory, 'own/desk.tools.yaml');
  expect(readFileSync(file, 'utf8')).toMatch(/^# Written by `firn connections introspect desk`\./);
  expect((await firn('connections', 'introspect', 'desk')).stdout).toBe('desk.tools.yaml: as the server is\n');

  const wrong = await firn('validate');
  expect(wrong.code).toBe(2);
  expect(wrong.stdout).toMatch(/firn.yaml:7:\d+ FIRN506 .*the schedule "monthly" would start ship with a wrong input/);
  expect(wrong.stdout).toContain('order_id is missing; it must be text.');
  const right = FIRN_YAML.replace('{ order: A-1 }', '{ order_id: A-1 }');
  writeFileSync(join(directory, 'own/firn.yaml'), right);
  const good = await firn('validate');
  expect([good.code, good.stdout]).toEqual([0, expect.stringMatching(/^ok ship [0-9a-f]{12}: 2 steps/)]);

  writeFileSync(file, readFileSync(file, 'utf8').replace('create_ticket', 'make_ticket'));
  const changed = await firn('validate');
  expect(changed.stdout).toContain('FIRN430 steps[1].use.activity: desk has no tool "create_ticket"');
});

test('a server that is not there, and one that cannot be prepared', async () => {
  const gone = await firn('connections', 'introspect', 'gone');
  expect([gone.code, gone.stderr]).toEqual([
    4,
    expect.stringContaining('the server of "gone" cannot be reached: ENOENT'),
  ]);
  const prepared = await firn('connections', 'prepare', 'desk');
  expect([prepared.code, prepared.stderr]).toEqual([2, expect.stringContaining('"desk" is a server of tools')]);
});
