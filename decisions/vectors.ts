/**
 * Vectors: how near two texts are, by what the encoder made of them.
 *
 * PURE. Vectors have length 1 once they went through `normalized`, so that a product is a cosine. Those of one model
 * are compared with nothing else; the caller sees to that. Indexed loops, because these run a million times a question.
 */
export type Vector = Float32Array;

/** The vector at length 1. A vector of zeros stays as it is. */
export function normalized(values: ArrayLike<number>): Vector {
  const vector = Float32Array.from(values);
  const length = Math.sqrt(product(vector, vector));
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** Of two vectors of length 1: the cosine of the angle between them, -1 to 1. */
export function product(one: Vector, other: Vector): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}

/** Their mean, which is shorter than they are: its product with a vector is the mean of their products with it. */
export function mean(vectors: readonly Vector[]): Vector {
  const sums = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    for (let at = 0; at < sums.length; at += 1) sums[at] = (sums[at] ?? 0) + (vector[at] ?? 0);
  }
  return Float32Array.from(sums, (sum) => sum / vectors.length);
}
