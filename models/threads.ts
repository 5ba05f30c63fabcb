/**
 * How many threads a model may use: one fewer than the processors this process may really have, and at least one.
 *
 * HOST. In a container the quota counts and not the machine's cores: threads over the quota are stopped in the middle
 * of a barrier and the others spin (measured elsewhere: 45 times slower). One is left to the worker and the database.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const QUOTA_V2 = '/sys/fs/cgroup/cpu.max';
const QUOTA_V1 = '/sys/fs/cgroup/cpu/cpu.cfs_quota_us';
const PERIOD_V1 = '/sys/fs/cgroup/cpu/cpu.cfs_period_us';

export function modelThreads(): number {
  const quota = parseQuota(readText(QUOTA_V2) ?? `${readText(QUOTA_V1) ?? ''} ${readText(PERIOD_V1) ?? ''}`);
  return Math.max(1, Math.floor(Math.min(quota, availableParallelism())) - 1);
}

/** Processors by `cpu.max`: "200000 100000" is 2; "max 100000", -1 and what cannot be read are no limit. */
export function parseQuota(text: string): number {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return Infinity;
  return quota / period;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
