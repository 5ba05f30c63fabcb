/** Wheels: an entry is read out of an archive, damage is noticed, and pip brings what it should and nothing else. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { downloadWheel, readWheelEntry } from '../../models/wheel.js';

interface Packed {
  readonly name: string;
  readonly data: Buffer;
  readonly stored?: true;
}

/** A zip archive with these files. */
function zip(files: readonly Packed[], comment = ''): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, stored } of files) {
    const packed = stored === true ? data : deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored === true ? 0 : 8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), common, tail, Buffer.from(name)]));
    bodies.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...bodies, list, end, Buffer.from(comment)]);
}

const FILES: readonly Packed[] = [
  { name: 'firn_tiny/__init__.py', data: Buffer.from('') },
  { name: 'firn_tiny/model/vocab.txt', data: Buffer.from('one\ntwo\n'.repeat(1000)) },
  { name: 'firn_tiny/plain.txt', data: Buffer.from('plain'), stored: true },
  {
    name: 'firn_tiny-1.0.dist-info/METADATA',
    data: Buffer.from('Metadata-Version: 2.1\nName: firn-tiny\nVersion: 1.0\n'),
  },
  {
    name: 'firn_tiny-1.0.dist-info/WHEEL',
    data: Buffer.from('Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
  },
  { name: 'firn_tiny-1.0.dist-info/RECORD', data: Buffer.from('') },
];
const ARCHIVE = zip(FILES);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'firn-wheel-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const write = (data: Buffer): string => {
  const path = join(directory, 'archive.whl');
  writeFileSync(path, data);
  return path;
};
const read = (data: Buffer, ending: string) => readWheelEntry(write(data), (name) => name.endsWith(ending));

describe('an entry', () => {
  it('is unpacked', () => {
    expect(read(ARCHIVE, '/vocab.txt')).toEqual({ name: 'firn_tiny/model/vocab.txt', data: FILES[1]?.data });
  });
  it('is read when it is stored', () => {
    expect(read(ARCHIVE, 'plain.txt').data.toString()).toBe('plain');
  });
  it('is found behind a comment', () => {
    expect(read(zip(FILES, 'a comment of the archive'), 'plain.txt').data.toString()).toBe('plain');
  });

  const changed = (place: string, offset: number, value: number): Buffer => {
    const copy = Buffer.from(ARCHIVE);
    copy.writeUInt8(value, copy.indexOf(place) + offset);
    return copy;
  };
  const directoryAt = ARCHIVE.readUInt32LE(ARCHIVE.length - 6);
  const inDirectory = (offset: number, value: number): Buffer => {
    const copy = Buffer.from(ARCHIVE);
    const entry = copy.indexOf('firn_tiny/model/vocab.txt', directoryAt) - 46;
    copy.writeUInt8(value, entry + offset);
    return copy;
  };
  const damaged: [what: string, archive: Buffer, ending: string, message: string][] = [
    ['an unknown name', ARCHIVE, 'config.json', 'does not hold the wanted file among its 6'],
    [
      'a truncated archive',
      ARCHIVE.subarray(0, ARCHIVE.length - 30),
      'vocab.txt',
      'is not a zip archive, or it is truncated',
    ],
    ['another file', Buffer.from('hello'), 'vocab.txt', 'is not a zip archive'],
    ['changed bytes', changed('plain.txt', 9, 0x50), 'plain.txt', 'firn_tiny/plain.txt does not match its checksum'],
    [
      'changed packed bytes',
      changed('model/vocab.txt', 15, 0xff),
      'vocab.txt',
      'firn_tiny/model/vocab.txt cannot be unpacked',
    ],
    ['a size that is too small', inDirectory(24, 1), 'vocab.txt', 'cannot be unpacked'],
    ['an encrypted entry', inDirectory(8, 1), 'vocab.txt', 'is encrypted'],
    ['an unknown method', inDirectory(10, 12), 'vocab.txt', 'is packed by method 12'],
  ];
  it.each(damaged)('is refused: %s', (_what, archive, ending, message) => {
    expect(() => read(archive, ending)).toThrow(message);
  });
});

function pipIsThere(): boolean {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const withPip = pipIsThere();
if (!withPip) console.log('not tested: downloading wheels, because python3 -m pip is not on this machine');

describe.runIf(withPip)('pip', () => {
  const NAME = 'firn_tiny-1.0-py3-none-any.whl';
  const SHA256 = createHash('sha256').update(ARCHIVE).digest('hex');
  let server: Server;
  let asked: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/firn-tiny/') {
        response.setHeader('content-type', 'text/html');
        response.end(`<!doctype html><a href="/${NAME}">${NAME}</a>`);
      } else if (request.url === `/${NAME}`) {
        response.setHeader('content-type', 'application/octet-stream');
        response.end(ARCHIVE);
      } else {
        response.statusCode = 404;
        response.end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    process.env['PIP_INDEX_URL'] = `http://127.0.0.1:${port}/`;
    process.env['PIP_CONFIG_FILE'] = '/dev/null';
    process.env['PIP_NO_CACHE_DIR'] = '1';
  });
  afterEach(() => (asked = []));
  afterAll(() => {
    server.close();
    for (const name of ['PIP_INDEX_URL', 'PIP_CONFIG_FILE', 'PIP_NO_CACHE_DIR'])
      Reflect.deleteProperty(process.env, name);
  });
  const options = { package: 'firn-tiny', version: '1.0', sha256: SHA256 };

  it('brings the wheel once, and leaves nothing else behind', async () => {
    const place = join(directory, 'once');
    const wheel = await downloadWheel({ ...options, directory: place });
    expect(wheel).toMatchObject({ path: join(place, NAME), sha256: SHA256 });
    expect(readdirSync(place)).toEqual([NAME]);
    asked = [];
    await downloadWheel({ ...options, directory: place });
    expect(asked).toEqual([]);
  });
  it('is refused when the wheel is another one', async () => {
    const place = join(directory, 'other');
    const wanted = { ...options, sha256: 'f'.repeat(64), directory: place };
    await expect(downloadWheel(wanted)).rejects.toThrow(`has SHA-256 ${SHA256} and not ffff`);
    expect(readdirSync(place)).toEqual([]);
  });
  it('says in pip’s words that there is no such package', async () => {
    const wanted = { ...options, package: 'firn-nothing', directory: join(directory, 'none') };
    await expect(downloadWheel(wanted)).rejects.toThrow(
      /could not download firn-nothing==1\.0: ERROR: No matching distribution/,
    );
  });
  it('is missed by name when it is not there', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = join(directory, 'empty');
    try {
      await expect(downloadWheel({ ...options, directory: join(directory, 'nopip') })).rejects.toThrow(
        'no pip was found (tried python3 -m pip, ',
      );
    } finally {
      process.env['PATH'] = path;
    }
    expect(existsSync(join(directory, 'nopip', NAME))).toBe(false);
  });
});
