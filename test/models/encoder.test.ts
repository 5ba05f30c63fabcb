/** The encoder that Firn ships with: the bytes that its import gives, and its vectors against the published model's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normalized, product } from '../../decisions/vectors.js';
import { isJsonMap } from '../../language/plan/json.js';
import { ENCODER } from '../../models/profile.js';
import { ensureEncoder, isOff } from '../../models/store.js';
import { type SupervisedModels, superviseModels } from '../../models/supervisor.js';
import { type CompiledModels, compileModels } from './compiled.js';

const DIRECTORY = process.env['FIRN_TEST_MODELS'] ?? '.firn/models';
/** SHA-256 of the pinned weights and vocabulary after the import as Q8_0. */
const GOLDEN = '52d39ae229fc0bb344e63b33ece26f89789c08873d7a89e95994a6e70e71d444';

const encoder = await ensureEncoder({ directory: DIRECTORY });
if (isOff(encoder))
  console.log(`not tested: the encoder, because it cannot be had here:\n  ${encoder.off.join('\n  ')}`);

interface Reference {
  readonly text: string;
  readonly tokens: number;
  readonly vector: readonly number[];
}

function isReference(value: unknown): value is Reference {
  return isJsonMap(value) && typeof value['text'] === 'string' && Array.isArray(value['vector']);
}

function readReferences(): readonly Reference[] {
  const file: unknown = JSON.parse(readFileSync(join(import.meta.dirname, 'reference-vectors.json'), 'utf8'));
  const list: unknown = isJsonMap(file) ? file['vectors'] : undefined;
  if (!Array.isArray(list) || !list.every(isReference)) throw new Error('reference-vectors.json has no vectors');
  return list;
}

describe.skipIf(isOff(encoder))('the encoder', () => {
  let compiled: CompiledModels;
  let models: SupervisedModels;
  beforeAll(() => {
    if (isOff(encoder)) return;
    compiled = compileModels();
    const { path: model, sha256 } = encoder;
    models = superviseModels({
      model,
      sha256,
      directory: DIRECTORY,
      context: ENCODER.context,
      entry: compiled.entry,
      timeout_ms: 100_000,
    });
  });
  afterAll(async () => {
    await models.stop();
    compiled.remove();
  });

  it('is imported to the bytes it always had', () => {
    expect(isOff(encoder) ? '' : encoder.sha256).toBe(GOLDEN);
  });

  it.each(readReferences())(
    'gives the published model’s vector for $text',
    async ({ text, tokens, vector }) => {
      const { vectors } = await models.port.embed([text]);
      const likeness = product(vectors[0] ?? new Float32Array(), normalized(vector));
      // A text of one character hangs on one row of rounded numbers.
      expect(likeness).toBeGreaterThan(tokens > 3 ? 0.999 : 0.998);
    },
    120_000,
  );

  it('reads 511 tokens, and refuses 512 instead of cutting them', async () => {
    const { vectors } = await models.port.embed(['word '.repeat(509)]);
    expect(vectors[0]?.length).toBe(ENCODER.dimensions);
    await expect(models.port.embed(['word '.repeat(510)])).rejects.toMatchObject({
      code: 'too_long',
      message: 'the text has 512 tokens and the model reads at most 511',
    });
  }, 120_000);
});
