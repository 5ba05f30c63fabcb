/**
 * Work that runs side by side, until all of it is over or one piece decides for all.
 *
 * PURE. Nobody is left behind: what was cancelled is waited for, because a write in flight may still happen.
 */
import type { Host } from '../../language/plan/host.js';

export type Settled<T> = { readonly value: T } | { readonly error: unknown };

export interface Together<T> {
  /** In the order of the works. */
  readonly settled: readonly Settled<T>[];
  /** Index of the piece that decided, where one did. */
  readonly decided: number | undefined;
}

/** Starts all of `works`. The first whose end `decides` cancels the others; ready when every one is over. */
export async function together<T>(
  host: Host,
  works: readonly ((host: Host) => Promise<T>)[],
  decides: (settled: Settled<T>) => boolean,
): Promise<Together<T>> {
  let decided: number | undefined;
  const branches = works.map((work) => host.branch(work));
  const settled = await Promise.all(
    branches.map(async ({ result }, index) => {
      const end = await settle(result);
      if (decided === undefined && decides(end)) {
        decided = index;
        for (const [other, branch] of branches.entries()) if (other !== index) branch.cancel();
      }
      return end;
    }),
  );
  return { settled, decided };
}

async function settle<T>(result: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await result };
  } catch (error) {
    return { error };
  }
}
