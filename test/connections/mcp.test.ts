/** Tools of real servers, over standard input and output and over HTTP: what is recorded, asked, answered and refused. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from '../../language/compiler/parse.js';
import { isFailure } from '../../language/plan/failure.js';
import { toPlain } from '../../language/plan/parsed.js';
import { Problems } from '../../language/plan/problem.js';
import { createToolDoor, type ToolCall, type ToolDoor, type ToolServerPlace } from '../../connections/mcp.js';
import { readTools, toolsDocument, type SaidOfTools, type Tools } from '../../connections/tools-file.js';
import { TransientFailure } from '../../store/failures.js';
import { toolServer } from './fixtures/tools.mjs';

const PROGRAM = fileURLToPath(new URL('./fixtures/tools.mjs', import.meta.url));
const NOTHING: SaidOfTools = { effects: new Map(), trusted: new Set() };
const doors: ToolDoor[] = [];
afterEach(async () => {
  for (const door of doors.splice(0)) await door.close();
});

const fixed = (value: string) => ({ resolve: () => value });
function program(env: Readonly<Record<string, string>> = {}): ToolServerPlace {
  const variables = new Map(Object.entries(env).map(([name, value]) => [name, fixed(value)]));
  return { kind: 'stdio', command: [process.execPath, PROGRAM], env: variables, directory: process.cwd() };
}

let recorded: Tools['tools'];
function open(server: ToolServerPlace, log: (line: string) => void = () => undefined): ToolDoor {
  const door = createToolDoor({ name: 'desk', server, toolsName: 'desk.tools.yaml', tools: recorded, log });
  doors.push(door);
  return door;
}

const call: ToolCall = {
  key: 'run/ticket',
  effect: 'repeatable',
  timeout_ms: 10_000,
  signal: new AbortController().signal,
};

/** Code, whether it is tried again, and the sentence. */
async function failed(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    (answer) => new Error(`it answered ${JSON.stringify(answer)}`),
    (thrown: unknown) => thrown,
  );
  if (!isFailure(error)) throw error;
  return `${error.code}${error instanceof TransientFailure ? ' again' : ''}: ${error.message}`;
}

/** A tools file as `firn connections introspect` writes it and as a project reads it. */
function read(text: string, said = NOTHING): Tools {
  const problems = new Problems('desk.tools.yaml');
  const tree = parse(text, problems);
  expect(problems.all).toEqual([]);
  return readTools(tree === undefined ? undefined : toPlain(tree), said);
}

beforeAll(async () => {
  recorded = new Map();
  recorded = read(toolsDocument('desk', await open(program()).list())).tools;
});

/** A line for each argument, and nothing that YAML could read as something else. */
const WRITTEN = `tools:
  behave:
    input:
      type: "object"
      properties:
        how: { type: "string" }
        note: { anyOf: [ { type: "string" }, { type: "null" } ] }
        mood: { anyOf: [ { enum: [ "good", "bad" ] }, { type: "null" } ] }
        times: { type: "integer", minimum: 0 }
    idempotent: true
  close:
    input:
      type: "object"
    idempotent: true
  create_ticket:
    about: "Creates a ticket: \\"urgent\\" ones first # really"
`;

describe('the tools file', () => {
  test('holds what definitions need, and reads back as it was written', async () => {
    const text = toolsDocument('desk', await open(program()).list());
    expect(text).toContain(WRITTEN);
    const { tools, problems } = read(text);
    expect(problems).toEqual([]);
    expect([...tools].map(([name, { effect, about }]) => [name, effect, about])).toEqual([
      ['behave', 'repeatable', ''],
      ['close', 'repeatable', ''],
      ['create_ticket', 'once', 'Creates a ticket: "urgent" ones first # really'],
      ['find.ticket', 'read', 'Finds a ticket'],
    ]);
    expect(tools.get('create_ticket')).toMatchObject({
      takes: {
        kind: 'map',
        fields: new Map([
          ['title', field('certain', { kind: 'text', maxLength: 20 })],
          ['tags', field('optional', { kind: 'list', item: { kind: 'text' } })],
        ]),
      },
      gives: {
        kind: 'map',
        fields: new Map([
          ['id', field('certain', { kind: 'text' })],
          ['status', field('certain', { kind: 'text', values: ['open', 'closed'] })],
          ['due', field('optional', { kind: 'timestamp' })],
        ]),
      },
      trusted: false,
    });
    // A pattern that no linear matcher knows is the server's business.
    expect(tools.get('find.ticket')?.schema).toEqual({
      type: 'object',
      properties: { id: { type: 'string' } },
      required: ['id'],
    });
  });

  test('what firn.yaml says of a tool counts more than its annotations', async () => {
    const text = toolsDocument('desk', await open(program()).list());
    const said = { effects: new Map([['close', 'once'] as const]), trusted: new Set(['find.ticket']) };
    const { tools } = read(text, said);
    expect(tools.get('close')?.effect).toBe('once');
    expect(tools.get('find.ticket')?.trusted).toBe(true);
    const wrong = read(text, { effects: new Map([['clos', 'once'] as const]), trusted: new Set() });
    expect(wrong.problems.map(({ message }) => message)).toEqual([
      'firn.yaml names the tool "clos", which is not here; did you mean "close"?',
    ]);
  });

  const broken: readonly (readonly [name: string, text: string, path: string, says: RegExp])[] = [
    ['no tools', 'connection: desk\n', 'tools', /a map `tools` is needed here/],
    ['no arguments', 'tools:\n  a: { about: x }\n', 'tools.a', /a tool needs a map `input`/],
    [
      'an unknown key',
      'tools:\n  a: { input: { type: object }, effect: once }\n',
      'tools.a.effect',
      /"effect" is not known here/,
    ],
    [
      'a schema that cannot be read',
      'tools:\n  a: { input: { type: objekt } }\n',
      'tools.a.input',
      /nothing can be checked/,
    ],
    [
      'a schema from elsewhere',
      'tools:\n  a: { input: { $ref: "https://x.example/y" } }\n',
      'tools.a.input',
      /nothing can be/,
    ],
  ];
  test.each(broken)('%s', (_name, text, path, says) => {
    const { problems } = read(text);
    expect(problems.map((problem) => problem.path.join('.'))).toEqual([path]);
    expect(problems[0]?.message).toMatch(says);
  });
});

function field(presence: 'certain' | 'optional', type: object) {
  return { type, presence };
}

describe('over standard input and output', () => {
  test('structured content is the result, without what is null', async () => {
    const door = open(program());
    expect(await door.call('create_ticket', { title: 'It broke' }, call)).toEqual({ id: 'T-1', status: 'open' });
    expect(await door.call('behave', { how: 'well' }, call)).toEqual({ text: 'one\ntwo' });
  });

  test('each call brings the key of its step', async () => {
    const door = open(program());
    await door.call('find.ticket', { id: 'T-7' }, call);
    const asked = await door.call('close', {}, { ...call, key: 'run/close' });
    expect(asked).toEqual({
      text: JSON.stringify([
        { name: 'find.ticket', key: 'run/ticket' },
        { name: 'close', key: 'run/close' },
      ]),
    });
  });

  test('the program has its own variables and few others, and what it says on standard error is heard', async () => {
    process.env['FIRN_TEST_SECRET'] = 'not for tools';
    const lines: string[] = [];
    const door = open(program({ DESK_KEY: 'k' }), (line) => lines.push(line));
    const { text } = Object(await door.call('behave', { how: 'environment' }, call));
    expect(JSON.parse(String(text))).toMatchObject({ DESK_KEY: 'k' });
    expect(text).not.toContain('not for tools');
    expect(lines).toContain('the desk is open');
    delete process.env['FIRN_TEST_SECRET'];
  });

  test('a tool that says no is not asked again', async () => {
    const door = open(program());
    expect(await failed(door.call('create_ticket', { title: 'refuse' }, call))).toBe(
      'rejected: desk.create_ticket says no: no more tickets',
    );
    expect(await failed(door.call('behave', { how: 'throw' }, { ...call, effect: 'once' }))).toBe(
      'outcome_unknown: desk.behave answered with an error: out of order; it may be asked only once, so nobody can say ' +
        'whether it was done',
    );
    expect(await failed(door.call('behave', { how: 'throw' }, call))).toBe(
      'rejected again: desk.behave answered with an error: out of order',
    );
  });

  test('a result that is not what is declared is told by its place', async () => {
    expect(await failed(open(program()).call('create_ticket', { title: 'lie' }, call))).toMatch(
      /^unexpected: desk.create_ticket gave something else than it declares: Id is 7; it must be text/i,
    );
  });

  const ends: readonly (readonly [how: string, effect: ToolCall['effect'], says: RegExp])[] = [
    ['exit', 'repeatable', /^unreachable again: desk.behave gave no answer: Connection closed/],
    ['exit', 'once', /^outcome_unknown: desk.behave gave no answer: Connection closed; it may be asked only once/],
    ['wait', 'read', /^unreachable again: desk.behave gave no answer: Request timed out/],
    ['wait', 'once', /^outcome_unknown: /],
    ['large', 'repeatable', /^unreachable again: /],
  ];
  test.each(ends)('no answer (%s) to what is %s', async (how, effect, says) => {
    const door = open(program());
    await door.list();
    const timeout_ms = how === 'wait' ? 1_000 : 30_000;
    expect(await failed(door.call('behave', { how }, { ...call, effect, timeout_ms }))).toMatch(says);
    // The next call has a program that works.
    expect(await door.call('find.ticket', { id: 'T-7' }, call)).toEqual({ text: 'T T-7' });
  });

  test('a program that is not there, or is no server, was not asked', async () => {
    const missing = { ...program(), command: ['/no/such/program'] } as const;
    expect(await failed(open(missing).call('close', {}, { ...call, effect: 'once' }))).toMatch(
      /^unreachable again: the server of "desk" cannot be reached: ENOENT/,
    );
    const ends = { ...program(), command: [process.execPath, '-e', 'process.exit(1)'] } as const;
    expect(await failed(open(ends).list())).toMatch(/^unreachable again: the server of "desk" cannot be reached/);
  });

  test('the program ends with its door', async () => {
    const door = open(program());
    const { text } = Object(await door.call('behave', { how: 'environment' }, call));
    expect(text).toBeDefined();
    await door.close();
    expect(await failed(door.list())).toMatch(/^unreachable: the connection "desk" is closed/);
  });

  test('a tool that has changed since is not asked', async () => {
    const door = open(program({ TOOLS_CHANGED: 'yes' }));
    expect(await failed(door.call('create_ticket', { title: 'It broke' }, call))).toBe(
      'invalid: the tool "create_ticket" of "desk" is another one than desk.tools.yaml says; run `firn connections ' +
        'introspect desk`, look at what has changed, and validate the definitions that use it',
    );
    expect(await door.call('close', {}, call)).toMatchObject({ text: expect.any(String) });
    expect(await failed(door.call('open', {}, call))).toMatch(
      /^invalid: desk.tools.yaml of this worker has no tool "open"/,
    );
  });
});

describe('over HTTP', () => {
  let http: Server;
  let port = 0;
  let received: IncomingHttpHeaders[] = [];
  let sessions = new Map<string, StreamableHTTPServerTransport>();
  let change: (() => Promise<void>) | undefined;
  let status: number | undefined;

  beforeAll(async () => {
    http = createServer((request, response) => {
      received.push(request.headers);
      if (status !== undefined) return void response.writeHead(status, { location: '/other' }).end();
      const id = request.headers['mcp-session-id'];
      const known = typeof id === 'string' ? sessions.get(id) : undefined;
      if (known !== undefined) return void known.handleRequest(request, response);
      if (id !== undefined) return void response.writeHead(404).end();
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (session) => void sessions.set(session, transport),
      });
      const made = toolServer();
      change = made.change;
      void made.server.connect(transport).then(() => transport.handleRequest(request, response));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const address = http.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => {
    received = [];
    status = undefined;
  });
  afterAll(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });

  function address(allowPrivate = true, to = `http://127.0.0.1:${port}/mcp`): ToolServerPlace {
    const headers = new Map([['Authorization', fixed('Bearer t0ken')]]);
    return { kind: 'http', url: fixed(to), headers, allowPrivate };
  }

  test('the same tools answer the same, and every request has the headers of the connection', async () => {
    const door = open(address());
    expect(await door.call('create_ticket', { title: 'It broke' }, call)).toEqual({ id: 'T-1', status: 'open' });
    expect(received.every(({ authorization }) => authorization === 'Bearer t0ken')).toBe(true);
  });

  test('a server that was restarted gets a new session', async () => {
    const door = open(address());
    await door.call('close', {}, call);
    sessions = new Map();
    expect(await failed(door.call('close', {}, { ...call, effect: 'once' }))).toBe(
      'unreachable again: desk.close was not taken up: status 404',
    );
    expect(await door.call('find.ticket', { id: 'T-7' }, call)).toEqual({ text: 'T T-7' });
  });

  test('tools that change while the session lasts are looked at again', async () => {
    const door = open(address());
    await door.call('close', {}, call);
    await change?.();
    await expect
      .poll(() => failed(door.call('create_ticket', { title: 'a' }, call)).catch(() => ''), { timeout: 10_000 })
      .toMatch(/^invalid: the tool "create_ticket" of "desk" is another one/);
  });

  const statuses: readonly (readonly [number, ToolCall['effect'], RegExp])[] = [
    [503, 'once', /^outcome_unknown: .*: status 503;/],
    [503, 'repeatable', /^unreachable again: .*status 503/],
    [429, 'once', /^unreachable again: desk.close was not taken up: status 429/],
    [401, 'once', /^invalid: desk.close was refused without authorization; give it under `headers`/],
    [307, 'read', /^unreachable again: desk.close gave no answer/],
  ];
  test.each(statuses)('status %i to what is %s', async (answer, effect, says) => {
    const door = open(address());
    await door.list();
    status = answer;
    expect(await failed(door.call('close', {}, { ...call, effect }))).toMatch(says);
  });

  test('an answer over the limit is no answer', async () => {
    expect(await failed(open(address()).call('behave', { how: 'large' }, { ...call, timeout_ms: 3_000 }))).toMatch(
      /^unreachable again: desk.behave gave no answer/,
    );
  });

  test('private addresses are refused unless they are allowed', async () => {
    expect(await failed(open(address(false)).list())).toMatch(
      /^invalid: the server of "desk" leads to 127.0.0.1, which is not on the public internet/,
    );
    expect(await failed(open(address(false, `http://localhost:${port}/mcp`)).list())).toMatch(
      /^invalid: the server of "desk" leads to (127.0.0.1|::1), which is not on the public internet/,
    );
    expect(received).toEqual([]);
    expect(await failed(open(address(true, 'file:///etc/passwd')).list())).toMatch(/^invalid: .* no http or https URL/);
  });

  test('nobody there', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const place = closed.address();
    const free = typeof place === 'object' && place !== null ? place.port : 0;
    await new Promise((resolve) => closed.close(resolve));
    expect(await failed(open(address(true, `http://127.0.0.1:${free}/mcp`)).list())).toMatch(
      /^unreachable again: the server of "desk" cannot be reached: ECONNREFUSED/,
    );
  });
});
