/** Requests on a real Temporal server to a real HTTP server: retries, lost answers, lookups, undo, and what nobody can know. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createHttp } from '../../activities/http.js';
import { settleHttp } from '../../activities/settle-http.js';
import { atBoundary } from '../../activities/boundary.js';
import type { SettleCall } from '../../language/plan/calls.js';
import type { Json, JsonMap } from '../../language/plan/json.js';
import { cut, json, startService } from '../real/http-service.js';
import type { Request, TestService } from '../real/http-service.js';
import { compileSteps } from '../steps/definitions.js';
import { Bench } from './bench.js';
import { World } from './world.js';

/** The activities of requests are the real ones; the rest of the outside is in memory. */
class RealRequests extends World {
  readonly services = new Map([['registry', here.service({ timeout_ms: 1_000 })]]);

  override activities(): Record<string, (input: JsonMap) => Promise<Json>> {
    const note = (type: string, input: JsonMap): void => {
      this.asked.push({ type, id: type, input });
    };
    const http = atBoundary('here', createHttp(this));
    const settle = atBoundary('here', (call: SettleCall) => settleHttp(this, call));
    const noted = <Call extends JsonMap>(type: string, work: (call: Call) => Promise<Json>) => {
      return (call: Call): Promise<Json> => {
        note(type, call);
        return work(call);
      };
    };
    return Object.assign(super.activities(), { http: noted('http', http), settle: noted('settle', settle) });
  }
}

let here: TestService;
let bench: Bench;
let world: RealRequests;
beforeAll(async () => {
  here = await startService();
  world = new RealRequests();
  world.on('read', () => ({
    id: 'A-1',
    email: 'a@b',
    status: 'processing',
    total: 10,
    ordered_at: '2026-01-01T00:00:00Z',
  }));
  bench = await Bench.open();
  await bench.startWorker(world);
}, 90_000);
afterAll(async () => {
  await bench.close();
  await here.stop();
});
beforeEach(() => {
  here.received.length = 0;
  world.asked.length = 0;
});

async function run(name: string, steps: string) {
  const { plan, problems } = compileSteps(steps);
  if (plan === undefined) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  world.plans.set(name, { ...plan, name });
  return bench.start(name, `${name}-1`, [{ order_id: 'A-1' }]);
}

const requests = (): readonly string[] => here.received.map(({ method, url }) => `${method} ${url}`);
const closed = (): JsonMap | undefined => world.asked.find(({ type }) => type === 'close run')?.input;

/** Charges that were made, by what names them. */
function charges(loses: (request: Request, count: number) => boolean): Map<string, string> {
  const made = new Map<string, string>();
  let count = 0;
  here.answer((request, response) => {
    count += 1;
    const name = String(request.headers['idempotency-key'] ?? `request ${count}`);
    const [, id] = /^\/charges\/(.+)$/.exec(request.url) ?? [];
    if (request.method === 'GET') {
      const [found] = made.values();
      json(found === undefined ? 404 : 200, { id: found })(request, response);
    } else if (request.method === 'DELETE') {
      for (const [key, value] of made) if (value === id) made.delete(key);
      json(200, {})(request, response);
    } else {
      if (!made.has(name)) made.set(name, `c${made.size + 1}`);
      if (loses(request, count)) cut(request, response);
      else json(201, { id: made.get(name) })(request, response);
    }
  });
  return made;
}

const charge = (key: string, rest = '') => `- id: charge
  http: { connection: registry, post: /charges, json: { amount: "\${{ order.total }}" }, returns: { id: string }${key} }
${rest}`;
const FAST = '  retry: { attempts: 5, first: 100ms, factor: 1, most: 100ms }\n';
const UNDO = '  undo: { http: { connection: registry, delete: "/charges/${{ charge.body.id }}", key: repeatable } }\n';

test('with a key in the header a lost answer is asked for again, and one charge is made', async () => {
  const made = charges((_request, count) => count <= 2);
  const handle = await run('keyed', `${charge(', key: header', FAST)}- return: { id: "\${{ charge.body.id }}" }\n`);
  expect(await handle.result()).toEqual({ outcome: 'done', output: { id: 'c1' } });
  expect([made.size, requests().length]).toEqual([1, 3]);
});

test('with a lookup the charge is found', async () => {
  const made = charges((_request, count) => count === 1);
  const handle = await run(
    'looked-up',
    `${charge(', key: { lookup: { get: /charges/A-1 } }', FAST)}- return: { id: "\${{ charge.body.id }}" }\n`,
  );
  expect(await handle.result()).toEqual({ outcome: 'done', output: { id: 'c1' } });
  expect([made.size, requests()]).toEqual([1, ['POST /charges', 'GET /charges/A-1']]);
});

test('without a key there is one attempt, and nobody can know', async () => {
  const made = charges(() => true);
  const handle = await run('unkeyed', `${charge('', UNDO)}- return: {}\n`);
  expect(await handle.result()).toMatchObject({ outcome: 'handed_over' });
  expect([made.size, requests()]).toEqual([1, ['POST /charges']]);
  expect(closed()).toMatchObject({
    code: 'outcome_unknown',
    step: 'charge',
    undo: [{ step: 'charge', status: 'unknown' }],
  });
});

test('a refusal of the service is final, and did nothing', async () => {
  here.answer(json(422, { error: 'no' }));
  const handle = await run('refused', `${charge(', key: header', UNDO)}- return: {}\n`);
  expect(await handle.result()).toMatchObject({ outcome: 'handed_over' });
  expect(requests()).toEqual(['POST /charges']);
  expect(closed()).toMatchObject({ code: 'http.422', undo: [{ step: 'charge', status: 'never_happened' }] });
});

test('a refusal of the run takes the charge back, with what it was answered', async () => {
  const made = charges(() => false);
  const handle = await run(
    'taken-back',
    `${charge(', key: header', UNDO)}- refuse: "\${{ charge.body.id }} was too much"\n`,
  );
  expect(await handle.result()).toEqual({ outcome: 'refused', reason: 'c1 was too much' });
  expect(made.size).toBe(0);
  expect(requests().at(-1)).toBe('DELETE /charges/c1');
});

test('a charge of which no answer ever came is found out and taken back', async () => {
  const made = charges((_request, count) => count <= 2);
  const retry = '  retry: { attempts: 2, first: 100ms, factor: 1, most: 100ms }\n';
  const handle = await run('found-out', `${charge(', key: header', retry + UNDO)}- return: {}\n`);
  expect(await handle.result()).toMatchObject({ outcome: 'handed_over' });
  expect(made.size).toBe(0);
  expect(requests()).toEqual(['POST /charges', 'POST /charges', 'POST /charges', 'DELETE /charges/c1']);
  expect(closed()).toMatchObject({ code: 'unreachable', undo: [{ step: 'charge', status: 'undone' }] });
});

test('statuses are caught by their class', async () => {
  here.answer(json(404, {}));
  const steps = `- id: found
  try:
    steps: [{ id: it, http: { connection: registry, get: /nothing, returns: { id: string } } }]
    output: { how: "\${{ it.body.id }}" }
    catch: [{ on: [http.4xx], output: { how: "\${{ e.type }}" } }]
- return: { how: "\${{ found.how }}" }
`;
  expect(await (await run('caught', steps)).result()).toEqual({ outcome: 'done', output: { how: 'http.404' } });
});
