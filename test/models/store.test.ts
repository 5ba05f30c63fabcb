/** The model store: which source is asked when, what each says, and that nothing unfit is ever kept. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { download } from '../../models/download.js';
import { sha256Of } from '../../models/files.js';
import { type EncoderFile, type EncoderOptions, ensureEncoder, isOff } from '../../models/store.js';
import { TINY, TINY_VOCABULARY, TINY_WEIGHTS, publishTiny } from './tiny.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'firn-store-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function ensure(options: Partial<EncoderOptions> = {}): Promise<EncoderFile> {
  const found = await ensureEncoder({ directory, profile: TINY, offline: true, ...options });
  if (isOff(found)) throw new Error(`off: ${found.off.join(' | ')}`);
  return found;
}
const cached = (): string => join(directory, 'tiny.Q8_0.gguf');

describe('a configured path', () => {
  it('is a directory with the published files, imported once and then taken from the cache', async () => {
    const path = publishTiny(join(directory, 'published'));
    const first = await ensure({ path });
    expect(first).toMatchObject({ path: cached(), source: path, sha256: sha256Of(readFileSync(cached())) });
    expect(first.tried).toEqual([`the cache: ${cached()} is not there yet`]);
    const second = await ensure({ path });
    expect(second).toMatchObject({ path: cached(), source: 'the cache', sha256: first.sha256, tried: [] });
    expect(readdirSync(directory).sort()).toEqual(['published', 'tiny.Q8_0.gguf', 'tiny.Q8_0.gguf.json']);
  });
  it('may name the weights', async () => {
    const path = join(publishTiny(join(directory, 'published')), 'model.safetensors');
    expect((await ensure({ path })).source).toBe(path);
  });
  it('may be a GGUF file with its SHA-256, used where it lies', async () => {
    const made = await ensure({ path: publishTiny(join(directory, 'published')), as: 'F32' });
    const used = await ensure({ path: made.path, sha256: made.sha256 });
    expect(used).toMatchObject({ path: made.path, sha256: made.sha256, source: made.path });
  });
  const refused: [what: string, change: (path: string) => EncoderOptions['path'], message: string][] = [
    ['nothing there', () => '/nowhere/at/all', '/nowhere/at/all: there is no such file or directory'],
    [
      'a truncated file',
      (path) => {
        truncateSync(join(path, 'model.safetensors'), 1000);
        return path;
      },
      'model.safetensors has 1000 bytes and model.safetensors should have',
    ],
    [
      'other bytes of the same length',
      (path) => {
        writeFileSync(join(path, 'model.safetensors'), Buffer.alloc(TINY_WEIGHTS.length));
        return path;
      },
      `and model.safetensors should have ${TINY.weights.sha256}`,
    ],
    [
      'no vocabulary',
      (path) => {
        rmSync(join(path, 'vocab.txt'));
        return path;
      },
      'there is no file',
    ],
  ];
  it.each(refused)('with %s is no use, and models are off', async (_what, change, message) => {
    const found = await ensureEncoder({
      directory,
      profile: TINY,
      offline: true,
      path: change(publishTiny(join(directory, 'published'))),
    });
    expect(isOff(found) ? found.off.join('\n') : 'on').toContain(message);
  });
  it('with a GGUF file needs its SHA-256', async () => {
    const { path, sha256 } = await ensure({ path: publishTiny(join(directory, 'published')), as: 'F32' });
    const unnamed = await ensureEncoder({ directory, profile: TINY, offline: true, path });
    expect(isOff(unnamed) ? unnamed.off[0] : 'on').toContain(
      `its SHA-256 is ${sha256}; write that into the configuration`,
    );
    const other = await ensureEncoder({ directory, profile: TINY, offline: true, path, sha256: 'f'.repeat(64) });
    expect(isOff(other) ? other.off[0] : 'on').toContain(`its SHA-256 is ${sha256} and should be ffff`);
  });
});

describe('the cache', () => {
  const spoilt: [what: string, spoil: (path: string) => void, message: string][] = [
    ['truncated', (path) => truncateSync(path, 500), 'has 500 bytes and was written with'],
    [
      'changed',
      (path) => {
        const bytes = readFileSync(path);
        bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000);
        writeFileSync(path, bytes);
      },
      'is not as it was written: its SHA-256 is',
    ],
    ['without its stamp', (path) => rmSync(`${path}.json`), 'has no readable stamp beside it'],
    ['with a broken stamp', (path) => writeFileSync(`${path}.json`, '{"weights":'), 'has no readable stamp beside it'],
    [
      'of an older importer',
      (path) => {
        const stamp: unknown = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
        writeFileSync(`${path}.json`, JSON.stringify({ ...Object(stamp), importer: 0 }));
      },
      'was made from other files, or by another importer',
    ],
  ];
  it.each(spoilt)('%s is not used, but made again', async (_what, spoil, message) => {
    const path = publishTiny(join(directory, 'published'));
    const first = await ensure({ path });
    spoil(cached());
    const again = await ensure({ path });
    expect(again).toMatchObject({ source: path, sha256: first.sha256 });
    expect(again.tried[0]).toContain(message);
    expect((await ensure({ path })).source).toBe('the cache');
  });
});

describe('the hub', () => {
  const FILES: Readonly<Record<string, Buffer>> = {
    'model.safetensors': TINY_WEIGHTS,
    'vocab.txt': Buffer.from(TINY_VOCABULARY),
  };
  let server: Server;
  let origin: string;
  let asked: string[] = [];
  let serve: (request: IncomingMessage, response: ServerResponse, file: Buffer) => void;
  const whole = (_request: IncomingMessage, response: ServerResponse, file: Buffer): void => void response.end(file);
  const ranges = (request: IncomingMessage, response: ServerResponse, file: Buffer): void => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.statusCode = from > 0 ? 206 : 200;
    response.end(file.subarray(from));
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.url ?? ''} ${request.headers.range ?? ''}`.trim());
      const file = FILES[(request.url ?? '').split('/').at(-1) ?? ''];
      if (request.url?.startsWith('/firn/tiny/resolve/main/') === true) {
        response.writeHead(302, { location: request.url.replace('/firn/tiny/resolve/main', '/store') }).end();
      } else if (file === undefined) response.writeHead(404).end();
      else serve(request, response, file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.address();
    origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    process.env['HF_ENDPOINT'] = `${origin}/`;
    // No package index: the last source says so at once.
    process.env['PIP_INDEX_URL'] = `${origin}/no-index/`;
    process.env['PIP_RETRIES'] = '0';
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    for (const name of ['HF_ENDPOINT', 'PIP_INDEX_URL', 'PIP_RETRIES']) Reflect.deleteProperty(process.env, name);
  });
  beforeEach(() => {
    asked = [];
    serve = ranges;
  });

  it('brings both files through a redirect, with progress, and leaves only the imported one', async () => {
    const seen: (readonly [string, number, number | undefined])[] = [];
    const found = await ensure({ offline: false, onProgress: (...progress) => seen.push(progress) });
    expect(found).toMatchObject({ source: 'hf:firn/tiny', path: cached() });
    expect(seen.at(-1)).toEqual(['hf:firn/tiny', TINY_WEIGHTS.length, TINY_WEIGHTS.length]);
    expect(readdirSync(join(directory, 'tiny'))).toEqual([]);
  });
  it('says what each source said when none has it', async () => {
    serve = (_request, response) => void response.writeHead(503).end();
    const found = await ensureEncoder({ directory, profile: TINY });
    const reasons = isOff(found) ? found.off : [];
    expect(reasons).toHaveLength(3);
    expect(reasons[0]).toMatch(/^the cache: /);
    expect(reasons[1]).toContain('the answer was 503');
    expect(reasons[2]).toMatch(/^the package firn-tiny-encoder-that-nobody-has 0\.0\.1: /);
  });

  const wanted = () => ({
    url: `${origin}/store/model.safetensors`,
    target: join(directory, 'w'),
    sha256: TINY.weights.sha256,
    bytes: TINY_WEIGHTS.length,
  });
  const half = Math.floor(TINY_WEIGHTS.length / 2);

  it('is asked only for the rest after a connection broke', async () => {
    serve = (_request, response, file) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, half), () => response.destroy());
    };
    await expect(download(wanted())).rejects.toThrow(`${origin}/store/model.safetensors: `);
    serve = ranges;
    asked = [];
    await download(wanted());
    expect(asked).toEqual([`/store/model.safetensors bytes=${half}-`]);
    expect(readFileSync(join(directory, 'w')).equals(TINY_WEIGHTS)).toBe(true);
    expect(readdirSync(directory)).toEqual(['w']);
  });
  it('goes on with the part of a process that is gone, and leaves that of one that lives', async () => {
    writeFileSync(join(directory, 'w.part.1'), TINY_WEIGHTS.subarray(0, 10));
    writeFileSync(join(directory, 'w.part.999999999'), TINY_WEIGHTS.subarray(0, half));
    await download(wanted());
    expect(asked).toEqual([`/store/model.safetensors bytes=${half}-`]);
    expect(readdirSync(directory).sort()).toEqual(['w', 'w.part.1']);
  });
  it('may ignore the range and send everything', async () => {
    writeFileSync(join(directory, 'w.part.999999999'), TINY_WEIGHTS.subarray(0, half));
    serve = whole;
    await download(wanted());
    expect(readFileSync(join(directory, 'w')).equals(TINY_WEIGHTS)).toBe(true);
  });
  it('with another file is refused, and the file thrown away', async () => {
    serve = (_request, response) => void response.end(Buffer.alloc(TINY_WEIGHTS.length));
    await expect(download(wanted())).rejects.toThrow(`and not ${TINY.weights.sha256}; it was thrown away`);
    expect(readdirSync(directory)).toEqual([]);
  });
  it('with a larger file is refused before it is all here', async () => {
    serve = (_request, response) => void response.end(Buffer.alloc(TINY_WEIGHTS.length + 1));
    await expect(download(wanted())).rejects.toThrow(`larger than the ${TINY_WEIGHTS.length} bytes`);
  });
  it('that falls silent is given up', async () => {
    serve = (_request, response, file) => void response.write(file.subarray(0, half));
    await expect(download({ ...wanted(), silence_ms: 300 })).rejects.toThrow('nothing was received for 0.3 s');
  });
  it('that is not there is named', async () => {
    await expect(download({ ...wanted(), url: 'http://127.0.0.1:1/x' })).rejects.toThrow(
      /http:\/\/127\.0\.0\.1:1\/x: fetch failed \(/,
    );
  });
});
