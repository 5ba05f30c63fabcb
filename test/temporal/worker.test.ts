/** What a worker does besides running: search attributes, the log's allow-list, failures in words, current details. */
import { once } from 'node:events';
import { createServer } from 'node:http2';
import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NativeConnection } from '@temporalio/worker';
import { isFailure } from '../../language/plan/failure.js';
import { allowed } from '../../worker/log.js';
import { ensureSearchAttributes } from '../../worker/search-attributes.js';
import { connectWorker } from '../../worker/worker.js';
import { renderDetails } from '../../workflows/details.js';
import { failureOf } from '../../workflows/failures.js';
import { startServer, type TestServer } from './server.js';

describe('search attributes', () => {
  let server: TestServer;
  let connection: NativeConnection;
  beforeAll(async () => {
    server = await startServer(['--search-attribute', 'FirnEndsBy=Text']);
    connection = await connectWorker(server);
  });
  afterAll(async () => {
    await connection.close();
    await server.stop();
  });

  test('missing ones are registered; one of another type is never written', async () => {
    const names = ['FirnOutcome', 'FirnWaitingFor', 'FirnVersion', 'FirnOwner'];
    const problem = 'the namespace "default" has no usable search attribute FirnEndsBy';
    const both = await Promise.all([
      ensureSearchAttributes(connection, 'default'),
      ensureSearchAttributes(connection, 'default'),
    ]);
    expect(both).toEqual([
      { names, problem },
      { names, problem },
    ]);
  });

  test('a namespace that does not exist costs the attributes, not the worker', async () => {
    const { names, problem } = await ensureSearchAttributes(connection, 'nowhere');
    expect(names).toEqual([]);
    expect(problem).toMatch(/^the search attributes could not be registered: /);
  });

  test('a closed port is said', async () => {
    await expect(connectWorker({ address: '127.0.0.1:1' }, 200)).rejects.toThrow(
      'no Temporal server answers at 127.0.0.1:1',
    );
  });
});

test('a server that takes connections before it is ready is waited for', async () => {
  let asked = 0;
  const server = createServer().on('stream', (stream) => {
    asked += 1;
    const head = { ':status': 200, 'content-type': 'application/grpc' };
    if (asked < 3) {
      stream.respond(
        { ...head, 'grpc-status': '14', 'grpc-message': 'Frontend is not healthy yet' },
        { endStream: true },
      );
      return;
    }
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond(head, { waitForTrailers: true });
    // An empty answer of gRPC: not compressed, no bytes.
    stream.end(Buffer.alloc(5));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const place = server.address();
  if (place === null || typeof place === 'string') throw new Error('no port');
  const connection = await connectWorker({ address: `127.0.0.1:${place.port}` });
  expect(asked).toBeGreaterThanOrEqual(3);
  await connection.close();
  server.close();
});

describe('failures in words', () => {
  const patience = { attempt_ms: 10_000, total_ms: 60_000, once: false };
  const wrap = (cause: Error): ActivityFailure =>
    new ActivityFailure('Activity task failed', 'read', 'order', 'TIMEOUT', 'worker', cause);
  const timeout = (type: 'START_TO_CLOSE' | 'SCHEDULE_TO_CLOSE' | 'SCHEDULE_TO_START', cause?: Error): TimeoutFailure =>
    Object.assign(new TimeoutFailure('timed out', undefined, type), cause === undefined ? {} : { cause });
  const inner = ApplicationFailure.retryable('the shop does not answer', 'unreachable');
  const CASES: readonly (readonly [string, Error, string, string])[] = [
    ['thrown', wrap(inner), 'unreachable', 'the shop does not answer'],
    ['thrown by a local activity', inner, 'unreachable', 'the shop does not answer'],
    [
      'a cause',
      wrap(ApplicationFailure.create({ message: 'outer', type: 'x', cause: inner })),
      'unreachable',
      'the shop does not answer',
    ],
    [
      'a class name',
      wrap(ApplicationFailure.retryable('x is not a function', 'TypeError')),
      'unexpected',
      'x is not a function',
    ],
    [
      'no answer',
      wrap(timeout('START_TO_CLOSE')),
      'unreachable',
      '"read" gave no answer within 10s: the worker or what it talks to is gone or slow',
    ],
    [
      'all attempts',
      wrap(timeout('SCHEDULE_TO_CLOSE', inner)),
      'timeout',
      '"read" was not finished within 1m; the last attempt said: the shop does not answer',
    ],
    ['no worker', wrap(timeout('SCHEDULE_TO_START')), 'unreachable', 'no worker took up "read"'],
  ];
  test.each(CASES)('%s', (_what, error, code, message) => {
    const failed = failureOf(error, 'read', patience);
    expect(isFailure(failed) ? [failed.code, failed.message] : failed).toEqual([code, message]);
  });

  test('a cancellation and a bug of ours stay what they are', () => {
    const cancelled = wrap(new CancelledFailure('cancelled'));
    const bug = new TypeError('x');
    expect(failureOf(cancelled, 'read', patience)).toBe(cancelled);
    expect(failureOf(bug, 'read', patience)).toBe(bug);
  });
});

describe('the log', () => {
  test('writes names of things and never what they hold', () => {
    const fields = allowed({
      workflowId: 'refund-1',
      activityType: 'read',
      attempt: 2,
      input: { secret: 1 },
      message: 'private',
      error: new Error('boom'),
    });
    expect(fields).toEqual({ ticket: 'refund-1', verb: 'read', attempt: 2, error: 'Error: boom' });
  });
});

describe('current details', () => {
  const nothing = {
    ticket: 't-1',
    workflow: 'refund',
    at: 'order',
    waiting: [],
    waiting_for: null,
    since: null,
    until: null,
    trail: [],
    ended: null,
  };
  test('say where it is, and show the last 30 steps', () => {
    const trail = Array.from({ length: 32 }, (_, index) => ({
      step: `s${index}`,
      verb: 'read',
      said: index === 31 ? 'a|b\n*c*' : 'ok',
    }));
    const text = renderDetails({ ...nothing, trail }, new WeakMap());
    expect(text).toContain('At **order**.');
    expect(text).toContain('(2 earlier steps are left out)');
    expect(text).not.toContain('**s1**');
    expect(text).toContain('- **s31** (read) a\\|b \\*c\\*');
  });

  test('say what it waits for, since when, until when', () => {
    const since = '2026-01-01T00:00:00.000Z';
    const until = '2026-01-02T00:00:00.000Z';
    const text = renderDetails({ ...nothing, waiting_for: 'time', since, until }, new WeakMap());
    expect(text).toContain('Waits for time, since 2026-01-01T00:00:00.000Z, until 2026-01-02T00:00:00.000Z.');
  });
});
