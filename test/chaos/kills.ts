/**
 * Which worker dies how: drawn from a seed, so that a run can be had again. Not a test itself.
 *
 * The worst moment for an effect is between its COMMIT and the report of it; random kills rarely meet it, so at least half
 * of the kills are aimed there, each at the effect of one run that is chosen here.
 */

export interface Kill {
  readonly kind: 'window' | 'random';
  /** The runs that are started with this worker: [from, to). */
  readonly from: number;
  readonly to: number;
  /** In the window: the run and the effect behind whose COMMIT the worker dies. */
  readonly victim: number;
  readonly effect: 'refund' | 'booking';
  /** At random: so long after the worker polls. */
  readonly after_ms: number;
}

/** Share of the kills that are aimed. */
const AIMED = 0.55;
const LATEST_MS = 900;

/** `refunds` must be at least `kills`: each worker gets runs of its own. What is left over goes to a last one that lives. */
export function planKills(refunds: number, kills: number, seed: number): readonly Kill[] {
  const random = randomFrom(seed);
  const each = Math.floor(refunds / (kills + 1));
  if (each < 1)
    throw new Error(`${refunds} refunds are too few for ${kills} kills: more refunds than kills are needed`);
  const aimed = Math.ceil(kills * AIMED);
  const kinds = shuffled(
    Array.from({ length: kills }, (_, index) => (index < aimed ? 'window' : 'random') satisfies Kill['kind']),
    random,
  );
  return kinds.map((kind, index) => {
    const from = index * each;
    const victim = from + Math.floor(random() * each);
    const effect = random() < 0.5 ? 'refund' : 'booking';
    return { kind, from, to: from + each, victim, effect, after_ms: Math.floor(random() * LATEST_MS) };
  });
}

/** Numbers in [0, 1) that are the same on every machine (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const left = [...items];
  const drawn: Item[] = [];
  while (left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  return drawn;
}
