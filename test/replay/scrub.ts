/**
 * A history without what belongs to the machine it was recorded on: names of processes and hosts, and where in its files an
 * error arose. Replay needs none of it; ids, times, inputs and results stay. Not a test itself.
 */
import { hostname, homedir, tmpdir, userInfo } from 'node:os';
import { isJsonMap, type Json } from '../../language/plan/json.js';

export function scrub(value: Json, key = ''): Json {
  if (Array.isArray(value)) return value.map((item: Json) => scrub(item));
  if (isJsonMap(value)) {
    const sticky = value['kind'] === 'TASK_QUEUE_KIND_STICKY';
    const entries = Object.entries(value).filter(([name]) => name !== 'stackTrace' && name !== 'workerInstanceKey');
    return Object.fromEntries(
      entries.map(([name, item]) => [name, sticky && name === 'name' ? 'sticky' : scrub(item, name)]),
    );
  }
  if (key === 'identity' && typeof value === 'string') {
    return value.startsWith('firn worker') ? 'firn worker on host' : value.includes('@') ? 'client on host' : value;
  }
  return value;
}

/** Throws when a text names this machine, its folders or its user; also inside payloads, which are base64. */
export function refuseTraces(name: string, text: string): void {
  const payloads = [...text.matchAll(/"data": ?"([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
  const all = [text, ...payloads].join('\n');
  const { username } = userInfo();
  const traces = [hostname(), homedir(), tmpdir(), process.cwd(), `"${username}"`, `${username}@`, 'file://'];
  const found = traces.filter((trace) => trace.length > 1 && all.includes(trace));
  if (found.length > 0) throw new Error(`the history of ${name} still names ${found.join(', ')}`);
}
