/** The model process: a real one with a tiny model; what it refuses, and what happens when it dies. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectModels } from '../../models/client.js';
import { examineModels } from '../../models/doctor.js';
import { modelsOff } from '../../models/off.js';
import type { ModelPort } from '../../models/port.js';
import { parseRequest } from '../../models/protocol.js';
import { type EncoderFile, ensureEncoder, isOff } from '../../models/store.js';
import { type SupervisedModels, type SupervisorOptions, superviseModels } from '../../models/supervisor.js';
import { modelThreads, parseQuota } from '../../models/threads.js';
import { VectorCache } from '../../models/vectors.js';
import { scriptedModel } from '../../models/scripted.js';
import { containing } from '../real/expecting.js';
import { type CompiledModels, compileModels } from './compiled.js';
import { TINY, publishTiny } from './tiny.js';

/** Far more than is needed: a machine that is busy with other tests is no failure. */
const PATIENCE_MS = 100_000;
vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

let compiled: CompiledModels;
/** One process for the tests that do not harm it. */
let shared: SupervisedModels;
let directory: string;
let encoder: EncoderFile;
const running: SupervisedModels[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'firn-models-'));
  const found = await ensureEncoder({
    directory,
    profile: TINY,
    offline: true,
    path: publishTiny(join(directory, 'published')),
  });
  if (isOff(found)) throw new Error(found.off.join('; '));
  encoder = found;
  compiled = compileModels();
  shared = superviseModels(settings());
});
afterEach(async () => {
  for (const models of running.splice(0)) await models.stop();
});
afterAll(async () => {
  await shared.stop();
  compiled.remove();
  rmSync(directory, { recursive: true, force: true });
});

function settings(place = directory): SupervisorOptions {
  const { path: model, sha256 } = encoder;
  return {
    model,
    sha256,
    directory: place,
    context: TINY.context,
    threads: 1,
    entry: compiled.entry,
    timeout_ms: PATIENCE_MS,
  };
}

/** A process of the test's own, with a socket of its own. */
function start(options: Partial<SupervisorOptions> = {}): SupervisedModels {
  const models = superviseModels({ ...settings(join(directory, `own-${running.length}`)), ...options });
  running.push(models);
  return models;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const deadline_ms = Date.now() + PATIENCE_MS; !condition();) {
    if (Date.now() > deadline_ms) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const codeOf = (port: ModelPort, ...texts: string[]): Promise<unknown> =>
  port.embed(texts).then(
    () => 'embedded',
    (error: unknown) =>
      error instanceof Error ? [Reflect.get(error, 'code'), error.message, Reflect.get(error, 'index')] : error,
  );
const isAlive = (pid: number): boolean => {
  try {
    // A zombie is not alive: it only waits for its parent to look.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

describe('a model process', () => {
  it('gives vectors of length 1, the same whatever came before and in whatever company', async () => {
    const { port } = shared;
    const first = await port.embed(['the parcel never came', 'it is broken']);
    const lengths = first.vectors.map((vector) => Math.hypot(...vector));
    expect(lengths.map((length) => length.toFixed(5))).toEqual(['1.00000', '1.00000']);
    expect(first).toMatchObject({ model_sha256: encoder.sha256 });
    expect(first.vectors[0]?.length).toBe(TINY.dimensions);
    const again = await port.embed(['a a a a a a', 'it is broken', 'the parcel never came']);
    expect(again.vectors[2]).toEqual(first.vectors[0]);
    expect(again.vectors[1]).toEqual(first.vectors[1]);
    expect(again.vectors[0]).not.toEqual(first.vectors[0]);
    const many = await port.embed(Array.from({ length: 150 }, (_value, at) => 'a '.repeat((at % 20) + 1)));
    expect(many.vectors).toHaveLength(150);
    expect(many.vectors[149]).toEqual(many.vectors[9]);
  });

  it('refuses what it cannot read, names it, and goes on', async () => {
    const { port } = shared;
    expect(await codeOf(port, 'it is broken', 'a '.repeat(62))).toEqual([
      'too_long',
      'the text has 64 tokens and the model reads at most 63',
      1,
    ]);
    expect(await codeOf(port, 'a '.repeat(61))).toBe('embedded');
    expect(await codeOf(port, 'a'.repeat(200_001))).toMatchObject(['too_long', containing('200001 characters'), 0]);
    for (const nothing of ['', '   \n', '\u0000'])
      expect(await codeOf(port, nothing)).toMatchObject(['empty_text', expect.anything(), 0]);
    expect(await codeOf(port, ...Array.from({ length: 70 }, () => 'a'), '')).toMatchObject([
      'empty_text',
      expect.anything(),
      70,
    ]);
    expect(await codeOf(port, 'it is broken')).toBe('embedded');
  });

  it('answers many at once, each with its own', async () => {
    const { port } = shared;
    const texts = Array.from({ length: 200 }, (_value, at) => 'the parcel is a '.repeat(1 + (at % 10)));
    const alone = await port.embed(texts.slice(0, 10));
    const together = await Promise.all(texts.map((text) => port.embed([text])));
    for (const [at, { vectors }] of together.entries()) expect(vectors[0]).toEqual(alone.vectors[at % 10]);
  });

  it('tells how it is, and hangs up on what is no request', async () => {
    const models = start();
    const client = connectModels({ socket: models.socket, timeout_ms: PATIENCE_MS });
    try {
      expect(await client.health()).toMatchObject({
        model_sha256: encoder.sha256,
        loaded: false,
        threads: 1,
        waiting: 0,
      });
      await client.embed(['a']);
      expect(await client.health()).toMatchObject({ loaded: true });
    } finally {
      await client.close();
    }
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(models.socket, () => socket.write('GET / HTTP/1.1\n'));
      let heard = '';
      socket
        .setEncoding('utf8')
        .on('data', (piece: string) => (heard += piece))
        .on('close', () => resolve(heard));
    });
    expect(answer).toContain('"invalid_request"');
    expect(await codeOf(models.port, 'a')).toBe('embedded');
  });

  it('is started again when it is killed, and the next question is answered', async () => {
    const events: string[] = [];
    const models = start({ onEvent: (event) => events.push(event) });
    const before = await models.port.embed(['it is broken']);
    const pid = models.pid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await until(() => models.pid() !== undefined && models.pid() !== pid, 'a new process');
    expect((await models.port.embed(['it is broken'])).vectors).toEqual(before.vectors);
    expect(events.join('\n')).toContain('the model process ended (signal SIGKILL); it is started again in 250 ms');
  });

  it('ends when its supervisor stops it, or is killed', async () => {
    const models = start();
    await models.port.embed(['a']);
    const pid = models.pid() ?? 0;
    await models.stop();
    expect(isAlive(pid)).toBe(false);
    expect(await codeOf(models.port, 'a')).toMatchObject(['model_unavailable', expect.anything(), undefined]);
    const script = `import { superviseModels } from './${compiled.directory}/models/supervisor.js';
      const models = superviseModels(${JSON.stringify(settings(join(directory, 'orphan')))}); await models.port.embed(['a']); console.log(models.pid());`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    parent.stdout.setEncoding('utf8').on('data', (piece: string) => (printed += piece));
    await until(() => printed.includes('\n'), 'the process id');
    const orphan = Number(printed);
    expect(isAlive(orphan)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(orphan), 'the end of the orphan');
  });

  it('knows nothing of the worker’s secrets', async () => {
    process.env['FIRN_TEST_SECRET'] = 'x';
    try {
      const models = start();
      await models.port.embed(['a']);
      expect(readFileSync(`/proc/${models.pid() ?? 0}/environ`, 'utf8')).not.toContain('FIRN_TEST_SECRET');
    } finally {
      delete process.env['FIRN_TEST_SECRET'];
    }
  });

  it('has a socket that only its user can open, wherever the project lies', async () => {
    const models = start({ directory: join(directory, 'a-very-long-directory-name'.repeat(6)) });
    expect(await codeOf(models.port, 'a')).toBe('embedded');
    expect(Buffer.byteLength(models.socket)).toBeLessThan(104);
    expect(execFileSync('stat', ['-c', '%a', models.socket], { encoding: 'utf8' }).trim()).toBe('600');
  });
});

describe('models are switched off, not started again and again', () => {
  const cases: [what: string, options: () => Partial<SupervisorOptions>, reason: RegExp][] = [
    [
      'when the file is not there',
      () => ({ model: join(directory, 'none.gguf') }),
      /^there is no model file .*none\.gguf$/,
    ],
    [
      'when it is truncated',
      () => {
        const model = join(directory, 'cut.gguf');
        writeFileSync(model, readFileSync(encoder.path));
        truncateSync(model, 9000);
        return { model };
      },
      /is not the one that was imported: its SHA-256 is [0-9a-f]{64} and should be [0-9a-f]{64}; delete it to have it made again$/,
    ],
    ['when its hash is another', () => ({ sha256: 'f'.repeat(64) }), /and should be ffff/],
    [
      'when node-llama-cpp cannot load it',
      () => {
        const model = join(directory, 'junk.gguf');
        writeFileSync(model, 'this is no GGUF file');
        return { model, sha256: execFileSync('sha256sum', [model], { encoding: 'utf8' }).slice(0, 64) };
      },
      /junk\.gguf cannot be loaded: /,
    ],
    ['when a setting is wrong', () => ({ threads: 0 }), /^--threads must be a whole number from 1, and is "0"$/],
    [
      'when it dies again and again',
      () => ({ entry: ['--eval', 'process.exit(3)', '--'] }),
      /ended 3 times before its model was loaded; exit code 3/,
    ],
  ];
  it.each(cases)('%s', async (_what, options, reason) => {
    const { port } = start(options());
    const waiting = codeOf(port, 'a');
    await until(() => port.state().is === 'off', 'off');
    const state = port.state();
    expect(state.is === 'off' ? state.reasons.join() : '').toMatch(reason);
    const refused = ['models_off', expect.anything(), undefined];
    expect(await waiting).toMatchObject(refused);
    expect(await codeOf(port, 'a')).toMatchObject(refused);
  });
});

describe('a crash', () => {
  /** Something that speaks the protocol and dies as it is told. */
  let server: Server | undefined;
  afterEach(() => server?.close());
  const listen = async (
    onRequest: (socket: Socket, request: { id: number; texts: readonly string[] }) => void,
  ): Promise<ModelPort> => {
    const socket = join(directory, `peer-${Math.random()}.sock`);
    server = createServer((peer) => {
      peer.setEncoding('utf8').on('data', (piece: string) => {
        const request = parseRequest(piece);
        if (request?.op === 'embed') onRequest(peer, request);
      });
    });
    await new Promise<void>((resolve) => server?.listen(socket, () => resolve()));
    return connectModels({ socket, timeout_ms: 2_000 });
  };
  const embedded = (id: number) => `${JSON.stringify({ id, vectors: ['AACAPw=='], model_sha256: 'm', ms: 1 })}\n`;

  it('fails the request that was in work; the second at one text is the text’s fault', async () => {
    const port = await listen((peer, { id, texts }) => {
      const index = texts.indexOf('bad');
      if (index < 0) peer.write(embedded(id));
      else peer.end(`${JSON.stringify({ evaluating: id, index })}\n`);
    });
    expect(await codeOf(port, 'good')).toBe('embedded');
    expect(await codeOf(port, 'good', 'bad')).toMatchObject([
      'model_unavailable',
      containing('died in the middle'),
      undefined,
    ]);
    expect(await codeOf(port, 'bad', 'good')).toMatchObject(['model_unavailable', expect.anything(), undefined]);
    expect(await codeOf(port, 'good', 'bad')).toEqual([
      'model_crashed_on_text',
      'the model process died twice at this text',
      1,
    ]);
    expect(await codeOf(port, 'good')).toBe('embedded');
    await port.close();
  });
  it('that is announced counts against no text', async () => {
    const port = await listen((peer, { id }) =>
      peer.end(`${JSON.stringify({ evaluating: id, index: 0 })}\n{"closing":true}\n`),
    );
    for (let time = 0; time < 3; time += 1) {
      expect(await codeOf(port, 'x')).toMatchObject(['model_unavailable', containing('is going down'), undefined]);
    }
    await port.close();
  });
  it('before the text was reached counts against no text', async () => {
    const port = await listen((peer) => peer.destroy());
    for (let time = 0; time < 3; time += 1)
      expect(await codeOf(port, 'x')).toMatchObject(['model_unavailable', expect.anything(), undefined]);
    await port.close();
  });
  it('and silence end within the time of the request', async () => {
    const port = await listen(() => undefined);
    expect(await codeOf(port, 'x')).toMatchObject([
      'model_unavailable',
      containing('did not answer within 2 s'),
      undefined,
    ]);
    await port.close();
    const nobody = connectModels({ socket: join(directory, 'nobody.sock'), timeout_ms: 300 });
    expect(await codeOf(nobody, 'x')).toMatchObject(['model_unavailable', containing('cannot be reached'), undefined]);
    await nobody.close();
  });
  it('into nonsense is no answer', async () => {
    const port = await listen((peer) => peer.write('{"id":1,"vectors":[1],"model_sha256":"m","ms":1}\n'));
    expect(await codeOf(port, 'x')).toMatchObject(['model_unavailable', expect.anything(), undefined]);
    await port.close();
  });
});

describe('vectors', () => {
  it('are asked for once, and again when another model answers', async () => {
    const script = new Map([
      ['a', [1, 0]],
      ['b', [0, 1]],
      ['c', [1, 1]],
    ]);
    const models = [scriptedModel(script, 'one'), scriptedModel(script, 'two')];
    let at = 0;
    const port: ModelPort = {
      ...modelsOff([]),
      embed: (texts) => models[at]?.embed(texts) ?? Promise.reject(new Error('none')),
    };
    const cache = new VectorCache(port, 2);
    await cache.embed(['a', 'b']);
    expect((await cache.embed(['b', 'a'])).vectors[0]).toEqual(Float32Array.of(0, 1));
    expect(models[0]?.asked).toEqual(['a', 'b']);
    at = 1;
    expect(await cache.embed(['a', 'c'])).toMatchObject({ model_sha256: 'two' });
    expect(models[1]?.asked).toEqual(['c', 'a']);
    await cache.embed(['b', 'c']);
    expect(models[1]?.asked).toEqual(['c', 'a', 'b']);
  });
});

describe('threads', () => {
  const cases: [text: string, processors: number][] = [
    ['200000 100000\n', 2],
    ['50000 100000', 0.5],
    ['max 100000', Infinity],
    ['-1 100000', Infinity],
    ['', Infinity],
    [' ', Infinity],
  ];
  it.each(cases)('quota %j is %d processors', (text, processors) => expect(parseQuota(text)).toBe(processors));
  it('are at least one', () => expect(modelThreads()).toBeGreaterThanOrEqual(1));
});

it('a doctor says what is there, and whether it runs', async () => {
  const encoderOptions = { directory, profile: TINY };
  const fine = await examineModels({ encoder: encoderOptions, directory, threads: 1, entry: compiled.entry });
  expect(fine.map(({ ok }) => ok)).toEqual([true, true]);
  expect(fine.map(({ what }) => what).join('\n')).toMatch(
    /SHA-256 [0-9a-f]{64}\nthe encoder runs here: [\d.]+ ms with loading, then/,
  );
  const none = await examineModels({
    encoder: { directory: join(directory, 'empty'), profile: TINY },
    directory,
    entry: compiled.entry,
  });
  expect(none).toEqual([
    {
      ok: false,
      what: containing('the encoder tiny is not on this machine, so models are off: the cache: '),
    },
  ]);
});
