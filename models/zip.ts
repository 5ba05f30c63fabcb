/**
 * Zip archives, read one entry at a time: enough for Python wheels, without a library.
 *
 * HOST. Reads the central directory at the end and then only the bytes of the entry that is wanted. Refuses what a
 * wheel never has: encryption, several disks, more than 4 GB, other methods than stored and deflate. An entry's name is
 * compared and never used as a path. (Layout: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.)
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
const TOO_LARGE = 0xffffffff;

/** The first entry whose name `wanted` accepts. Throws an Error when there is none, or when the archive is damaged. */
export function readZipEntry(
  path: string,
  wanted: (name: string) => boolean,
): { readonly name: string; readonly data: Buffer } {
  const file = openSync(path, 'r');
  try {
    const entries = readDirectory(file, path);
    const entry = entries.find(({ name }) => wanted(name));
    if (entry === undefined) throw new Error(`${path} does not hold the wanted file among its ${entries.length}`);
    return { name: entry.name, data: unpack(file, path, entry) };
  } finally {
    closeSync(file);
  }
}

function readDirectory(file: number, path: string): readonly Entry[] {
  const { size } = fstatSync(file);
  const tail = readAt(
    file,
    Math.max(0, size - END_LENGTH - LONGEST_COMMENT),
    Math.min(size, END_LENGTH + LONGEST_COMMENT),
  );
  let end = tail.length - END_LENGTH;
  while (end >= 0 && tail.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  if (end < 0) throw new Error(`${path} is not a zip archive, or it is truncated: it has no directory at its end`);
  const count = tail.readUInt16LE(end + 10);
  const length = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (offset === TOO_LARGE || offset + length > size) throw new Error(`${path} is damaged, or larger than 4 GB`);
  const directory = readAt(file, offset, length);
  const entries: Entry[] = [];
  for (let at = 0; entries.length < count;) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL_HEADER) {
      throw new Error(`${path} is damaged: entry ${entries.length + 1} of its directory cannot be read`);
    }
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      flags: directory.readUInt16LE(at + 8),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

function unpack(file: number, path: string, entry: Entry): Buffer {
  const damaged = (why: string): Error => new Error(`${path} is damaged: ${entry.name} ${why}`);
  if ((entry.flags & 1) !== 0) throw damaged('is encrypted');
  if (entry.packed === TOO_LARGE || entry.size === TOO_LARGE) throw damaged('is larger than 4 GB');
  const header = readAt(file, entry.offset, 30);
  if (header.length < 30 || header.readUInt32LE(0) !== LOCAL_HEADER) throw damaged('is not where the directory says');
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = readAt(file, start, entry.packed);
  if (packed.length !== entry.packed) throw damaged('is truncated');
  const data = entry.method === 0 ? packed : inflate(packed, entry, damaged);
  if (data.length !== entry.size || crc32(data) !== entry.crc) throw damaged('does not match its checksum');
  return data;
}

function inflate(packed: Buffer, entry: Entry, damaged: (why: string) => Error): Buffer {
  if (entry.method !== 8) throw damaged(`is packed by method ${entry.method}, which cannot be read`);
  try {
    // The directory's size bounds what is unpacked: no archive grows without limit.
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
  } catch {
    throw damaged('cannot be unpacked');
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const got = readSync(file, buffer, filled, length - filled, position + filled);
    if (got === 0) break;
    filled += got;
  }
  return buffer.subarray(0, filled);
}
