/** Schedules and servers of tools in firn.yaml: what is read, and what is refused at its place. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { cronProblem } from '../../setup/cron.js';
import { compileDefinitions } from '../../setup/definitions.js';
import { loadProject } from '../../setup/project.js';
import { scheduleProblems } from '../../setup/schedule-settings.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const FLOW = `workflow: dunning
summary: Remind who owes us
owner: desk
ends_within: 1d
input: { month: [march, april], limit?: integer }
steps:
  - return: { month: "\${{ input.month }}" }
`;
const ROLES = 'roles: { desk: { people: [] } }\n';
const TOOLS = 'connection: t\ntools:\n  find: { input: { type: object, properties: { id: { type: string } } } }\n';

function load(text: string, files: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'firn-schedules-'));
  folders.push(folder);
  const all = { 'firn.yaml': ROLES + text, 'definitions/dunning/dunning.flow.yaml': FLOW, ...files };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return loadProject(folder, {});
}

describe('cron', () => {
  const good = [
    '0 6 1 * *',
    '*/15 * * * *',
    '0 0 * JAN-MAR,12 *',
    '30 8-18/2 * * mon-fri',
    '0 0 * * 7',
    '5,10 4 * * SUN',
  ];
  test.each(good)('"%s" is taken', (cron) => expect(cronProblem(cron)).toBeUndefined());
  const bad: readonly (readonly [string, RegExp])[] = [
    ['0 6 1 *', /has 4 fields; a cron expression has five: minute, hour, day of the month, month, day of the week/],
    ['0 0 6 1 * *', /has 6 fields/],
    ['@daily', /has 1 field;/],
    ['60 6 1 * *', /"60" is no minute: it goes from 0 to 59$/],
    ['0 24 1 * *', /"24" is no hour/],
    ['0 6 0 * *', /"0" is no day of the month: it goes from 1 to 31/],
    ['0 6 1 JUNE *', /"JUNE" is no month; write a number/],
    ['0 6 1 JUX *', /"JUX" is no month: it goes from 1 to 12, or JAN, FEB/],
    ['0 6 * * 8', /"8" is no day of the week: it goes from 0 to 7, or SUN/],
    ['10-5 6 1 * *', /"10-5" runs backwards/],
    ['*/0 6 1 * *', /the step of "\*\/0" must be at least 1/],
    ['0 6 L * *', /"L" is no day of the month/],
    ['0 6 1 * MON', /cron means either of them and Temporal both; write two schedules/],
  ];
  test.each(bad)('"%s" is refused', (cron, says) => expect(cronProblem(cron)).toMatch(says));
});

describe('schedules', () => {
  test('are read with their defaults', () => {
    const { configuration, problems } = load(
      'schedules:\n  monthly: { workflow: dunning, cron: " 0 6 1 * * ", zone: Europe/Berlin, input: { month: march } }\n' +
        '  old: { workflow: dunning, cron: "0 6 1 * *", zone: US/Pacific, paused: true, overlap: buffer_one }\n',
    );
    expect(problems).toEqual([]);
    expect(configuration?.schedules).toMatchObject([
      {
        name: 'monthly',
        workflow: 'dunning',
        cron: '0 6 1 * *',
        zone: 'Europe/Berlin',
        input: { month: 'march' },
        paused: false,
        overlap: 'skip',
      },
      { name: 'old', input: {}, paused: true, overlap: 'buffer_one' },
    ]);
  });

  const one = (rest: string): string => `schedules:\n  a: { ${rest} }\n`;
  const wrong: readonly (readonly [name: string, text: string, place: string, says: RegExp, hint: RegExp])[] = [
    [
      'unknown workflow',
      one('workflow: duning, cron: "0 6 1 * *", zone: UTC'),
      '3:18 FIRN506',
      /"duning", which is no workflow/,
      /did you mean "dunning"/,
    ],
    [
      'wrong cron',
      one('workflow: dunning, cron: "0 6 32 * *", zone: UTC'),
      '3:33 FIRN506',
      /"32" is no day of the month/,
      /"0 6 1 \* \*"/,
    ],
    [
      'unknown zone',
      one('workflow: dunning, cron: "0 6 1 * *", zone: Europe/Berln'),
      '3:52 FIRN506',
      /"Europe\/Berln" is no time zone/,
      /did you mean "Europe\/Berlin"/,
    ],
    [
      'zone in small letters',
      one('workflow: dunning, cron: "0 6 1 * *", zone: utc'),
      '3:52 FIRN506',
      /"utc" is no time zone/,
      /did you mean "UTC"/,
    ],
    [
      'offset',
      one('workflow: dunning, cron: "0 6 1 * *", zone: "+01:00"'),
      '3:52 FIRN506',
      /"\+01:00" is no time zone/,
      /Europe\/Berlin/,
    ],
    ['no zone', one('workflow: dunning, cron: "0 6 1 * *"'), '3:3 FIRN500', /"a" lacks the key "zone"/, /zone: UTC/],
    [
      'overlap',
      one('workflow: dunning, cron: "0 6 1 * *", zone: UTC, overlap: terminate_other'),
      '3:66 FIRN500',
      /"terminate_other" is not a value of "overlap"/,
      /skip, buffer_one/,
    ],
    [
      'unknown key',
      one('workflow: dunning, cron: "0 6 1 * *", zone: UTC, pause: true'),
      '3:57 FIRN500',
      /"a" has no key "pause"/,
      /did you mean "paused"/,
    ],
  ];
  test.each(wrong)('%s', (_name, text, place, says, hint) => {
    const { problems } = load(text);
    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([place]);
    expect(problems[0]?.message).toMatch(says);
    expect(problems[0]?.hint).toMatch(hint);
  });

  test('an input that does not fit its definition is told where it stands', () => {
    const { configuration } = load(
      'schedules:\n  a: { workflow: dunning, cron: "0 6 1 * *", zone: UTC, input: { month: may, limt: 3 } }\n' +
        '  b: { workflow: dunning, cron: "0 6 1 * *", zone: UTC }\n',
    );
    if (configuration === undefined) throw new Error('the project cannot be read');
    const problems = scheduleProblems(configuration.schedules, compileDefinitions(configuration));
    expect(
      problems.map(({ file, line, column, code, message }) => `${file}:${line}:${column} ${code} ${message}`),
    ).toEqual([
      expect.stringMatching(
        /^firn.yaml:3:64 FIRN506 the schedule "a" would start dunning with a wrong input: .*"limt".*month is "may"/,
      ),
      'firn.yaml:4:3 FIRN506 the schedule "b" would start dunning with a wrong input: month is missing; it must be one of march, april.',
    ]);
  });
});

describe('servers of tools', () => {
  const url = 'connections:\n  t: { mcp: { url: env:URL, headers: { authorization: env:TOKEN } }, tools: ./t.yaml }\n';

  test('are read with their tools, and their secrets stay references', () => {
    const { configuration, problems, unset } = load(
      `${url}  p: { mcp: { command: [node, server.mjs], env: { KEY: env:KEY } }, tools: ./t.yaml, effects: { find: read }, trusted: [find] }\n`,
      { 't.yaml': TOOLS },
    );
    expect(problems).toEqual([]);
    expect(unset.map(({ message }) => /"env:\w+"/.exec(message)?.[0])).toEqual(
      expect.arrayContaining(['"env:URL"', '"env:TOKEN"', '"env:KEY"']),
    );
    const tool = (name: string) => {
      const connection = configuration?.project.connections.get(name);
      return connection?.kind === 'mcp' ? connection.tools.get('find') : undefined;
    };
    expect(tool('t')).toMatchObject({ effect: 'once', trusted: false });
    expect(tool('p')).toMatchObject({ effect: 'read', trusted: true });
    expect(configuration?.connections.get('p')).toMatchObject({
      kind: 'mcp',
      server: { kind: 'stdio', command: ['node', 'server.mjs'], directory: configuration?.directory },
      toolsName: 't.yaml',
    });
  });

  const wrong: readonly (readonly [name: string, text: string, place: string, says: RegExp, hint: RegExp])[] = [
    ['no file', url, 'firn.yaml:3 FIRN505', /the tools file "t.yaml" does not exist/, /firn connections introspect t/],
    [
      'no server',
      'connections:\n  t: { mcp: {}, tools: ./t.yaml }\n',
      'firn.yaml:3 FIRN500',
      /either a `command` or a `url`/,
      /mcp: \{ url: env:URL \}/,
    ],
    [
      'a token written down',
      'connections:\n  t: { mcp: { url: env:URL, headers: { a: hunter2 } }, tools: ./t.yaml }\n',
      'firn.yaml:3 FIRN500',
      /must be a reference to a secret/,
      /env:NAME/,
    ],
    [
      'an unknown effect',
      `${url.trimEnd().slice(0, -2)}, effects: { find: twice } }\n`,
      'firn.yaml:3 FIRN500',
      /"twice" is not a value of "find"/,
      /read, repeatable, once/,
    ],
    [
      'no tools',
      'connections:\n  t: { mcp: { url: env:URL } }\n',
      'firn.yaml:3 FIRN500',
      /"t" lacks the key "tools"/,
      /firn connections introspect/,
    ],
  ];
  test.each(wrong)('%s', (_name, text, place, says, hint) => {
    const { problems } = load(text);
    expect(problems.map(({ file, line, code }) => `${file}:${line} ${code}`)).toContain(place);
    expect(problems[0]?.message).toMatch(says);
    expect(problems[0]?.hint).toMatch(hint);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test('a problem of the tools file stands in that file', () => {
    const { problems } = load(url, { 't.yaml': TOOLS.replace('type: object,', 'type: objekt,') });
    expect(problems.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual(['t.yaml:3 FIRN505']);
  });
});
