/**
 * The account registry and the directory that shipped definitions ask: real HTTP servers with what they hold in memory, and
 * faults on demand. Not a test itself.
 */
import { isJson, isJsonMap, type JsonMap } from '../../language/plan/json.js';
import { cut, json, startService, type Request, type TestService } from '../real/http-service.js';

/** What happens to the next requests that change something, one each; behind the last one all is well. */
export type Fault = 'answers 503' | 'does it, and its answer is lost';

export interface Faulty {
  readonly service: TestService;
  readonly faults: Fault[];
}

export interface Registry extends Faulty {
  readonly accounts: Map<string, JsonMap>;
  /** What is shown in place of what is held: a change that does not get through. */
  readonly shown: Map<string, JsonMap>;
  /** Changes that were made, by their key. */
  readonly changes: Map<string, number>;
}

/** Honours Idempotency-Key: a key that it has seen is answered, and not carried out again. */
export async function startRegistry(): Promise<Registry> {
  const service = await startService();
  const registry: Registry = { service, faults: [], accounts: new Map(), shown: new Map(), changes: new Map() };
  service.answer((request, response) => {
    const id = partsOf(request)[1] ?? '';
    const account = registry.accounts.get(id);
    if (account === undefined) return json(404, {})(request, response);
    if (request.method === 'GET') return json(200, registry.shown.get(id) ?? account)(request, response);
    const key = String(request.headers['idempotency-key'] ?? '');
    const fault = registry.faults.shift();
    if (fault === 'answers 503') return json(503, {})(request, response);
    const { field, value } = bodyOf(request);
    const version = Number(account['version']);
    const expected = request.headers['if-match'];
    const seen = registry.changes.has(key);
    if (!seen && expected !== undefined && expected !== String(version)) return json(412, {})(request, response);
    if (!seen) registry.accounts.set(id, { ...account, [String(field)]: value ?? null, version: version + 1 });
    registry.changes.set(key, (registry.changes.get(key) ?? 0) + (seen ? 0 : 1));
    if (fault !== undefined) return cut(request, response);
    json(200, { version: registry.accounts.get(id)?.['version'] })(request, response);
  });
  return registry;
}

export interface Directory extends Faulty {
  readonly users: Map<string, JsonMap>;
  /** `group/user`. */
  readonly members: Set<string>;
  /** Names of the groups that there are. */
  readonly groups: Set<string>;
  posts: number;
}

/** Knows no keys: a second POST would make a second user. What was made is found by its external id. */
export async function startDirectory(): Promise<Directory> {
  const service = await startService();
  const directory: Directory = { service, faults: [], users: new Map(), members: new Set(), groups: new Set(), posts: 0 };
  service.answer((request, response) => {
    const answer = json(...answerOf(directory, request));
    const fault = request.method === 'POST' ? directory.faults.shift() : undefined;
    (fault === undefined ? answer : cut)(request, response);
  });
  return directory;
}

function answerOf(directory: Directory, request: Request): [number, JsonMap] {
  const { users, members, groups } = directory;
  const [kind, id = '', third = '', user = ''] = partsOf(request);
  if (kind === 'groups') {
    if (!groups.has(id)) return [404, {}];
    if (request.method === 'DELETE') members.delete(`${id}/${user}`);
    else members.add(`${id}/${user}`);
    return [204, {}];
  }
  if (request.method === 'POST') {
    directory.posts += 1;
    const made = { ...bodyOf(request), id: `u-${directory.posts}` };
    users.set(made.id, made);
    return [201, made];
  }
  const found = id === 'by-external-id' ? [...users.values()].find((one) => one['external_id'] === third) : users.get(id);
  if (found === undefined) return [404, {}];
  if (request.method === 'DELETE') users.delete(id);
  if (request.method === 'PATCH') users.set(id, { ...found, ...bodyOf(request) });
  return [200, request.method === 'GET' ? found : {}];
}

function partsOf({ url }: Request): readonly string[] {
  return url.split('?')[0]?.split('/').slice(1).map(decodeURIComponent) ?? [];
}

function bodyOf({ body }: Request): JsonMap {
  const value: unknown = body === '' ? {} : JSON.parse(body);
  if (!isJson(value) || !isJsonMap(value)) throw new Error(`a body that is no map: ${body}`);
  return value;
}
