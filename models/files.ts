/**
 * Files that two processes may write at once: appear whole or not at all, and are known by their SHA-256.
 *
 * HOST.
 */
import { createHash } from 'node:crypto';
import { createReadStream, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

export type Progress = (bytes: number, total: number | undefined) => void;

export function sha256Of(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await new Promise<void>((resolve, reject) => {
    const stream = createReadStream(path, { highWaterMark: 1024 * 1024 });
    stream
      .on('data', (chunk) => hash.update(chunk))
      .on('end', () => resolve())
      .on('error', reject);
  });
  return hash.digest('hex');
}

/** Bytes, or undefined when there is no such file. */
export function fileSize(path: string): number | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true ? status.size : undefined;
}

/** Written beside its place and renamed: a reader sees the old file or the new one, never a part. */
export function writeWhole(path: string, data: Buffer | string): void {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, data);
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
}
