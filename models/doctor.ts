/**
 * The models' part of `firn doctor`: what is there, whether it is what it should be, and whether it runs here.
 *
 * HOST. Asks no network and changes nothing.
 */
import { messageOf } from '../language/plan/failure.js';
import { modelThreads } from './threads.js';
import { ENCODER, type EncoderProfile } from './profile.js';
import { type EncoderOptions, ensureEncoder, isOff } from './store.js';
import { type SupervisorOptions, superviseModels } from './supervisor.js';

export interface Finding {
  readonly ok: boolean;
  readonly what: string;
}

export interface DoctorOptions {
  readonly encoder: EncoderOptions;
  /** Where a socket may be put: `.firn` of the project. */
  readonly directory: string;
  readonly threads?: number | undefined;
  readonly gpu?: SupervisorOptions['gpu'];
  readonly entry?: SupervisorOptions['entry'];
}

export async function examineModels(options: DoctorOptions): Promise<readonly Finding[]> {
  const profile = options.encoder.profile ?? ENCODER;
  const found = await ensureEncoder({ ...options.encoder, offline: true });
  if (isOff(found)) {
    const what = `the encoder ${profile.name} is not on this machine, so models are off: ${found.off.join('; ')}`;
    return [{ ok: false, what }];
  }
  const file = {
    ok: true,
    what: `encoder ${profile.name} (${profile.licence}): ${found.path}, SHA-256 ${found.sha256}`,
  };
  return [file, await tryOut(options, profile, found.path, found.sha256)];
}

async function tryOut(
  options: DoctorOptions,
  profile: EncoderProfile,
  model: string,
  sha256: string,
): Promise<Finding> {
  const { directory, threads = modelThreads(), gpu, entry } = options;
  const models = superviseModels({ model, sha256, directory, context: profile.context, threads, gpu, entry });
  try {
    const first = await models.port.embed(['Is this model there?']);
    const [vector] = first.vectors;
    if (vector?.length !== profile.dimensions) {
      return {
        ok: false,
        what: `the encoder gives ${vector?.length ?? 0} numbers for a text and should give ${profile.dimensions}`,
      };
    }
    const second = await models.port.embed(['And how fast is it now?']);
    return {
      ok: true,
      what: `the encoder runs here: ${first.ms} ms with loading, then ${second.ms} ms for a text, on ${threads} thread(s)`,
    };
  } catch (error) {
    return { ok: false, what: `the encoder does not run here, so models are off: ${messageOf(error)}` };
  } finally {
    await models.stop();
  }
}
