/**
 * The models of this machine: whether the encoder is here, or why models are off.
 *
 * HOST. No model to be had is not an error: models are off then, it is said clearly, and questions go to people.
 */
import { ensureEncoder, isOff, type EncoderFile, type EncoderOptions } from '../models/store.js';
import type { Configuration } from './configuration.js';
import type { StepReport } from './reporter.js';
import { stateFolder } from './state-folder.js';

export interface Models {
  /** Undefined: models are off. */
  readonly encoder: EncoderFile | undefined;
  /** Why they are off; undefined when they are on. */
  readonly off: string | undefined;
  readonly said: string;
}

/** Where this project's encoder is, for `ensureEncoder`: the same for `npm start`, the worker and `firn doctor`. */
export function encoderOptions(configuration: Configuration): EncoderOptions {
  const { encoder, encoderSha256 } = configuration.models;
  const directory = stateFolder(configuration.directory).path('models');
  return { directory, path: encoder, sha256: encoderSha256 };
}

/** Fetches and imports the encoder unless it is here already. */
export async function obtainModels(configuration: Configuration, report: StepReport): Promise<Models> {
  if (configuration.models.off) return off('switched off by firn.yaml or FIRN_MODELS');
  const found = await ensureEncoder({
    ...encoderOptions(configuration),
    onProgress: (source, bytes, total) => {
      const size = `${megabytes(bytes)}${total === undefined ? '' : ` of ${megabytes(total)}`} MB`;
      report.progress(`fetching it from ${source}: ${size}`, total === undefined ? undefined : bytes / total);
    },
  });
  if (isOff(found)) {
    for (const line of found.off) report.note(line);
    return off('no encoder could be found or fetched');
  }
  return { encoder: found, off: undefined, said: `all-MiniLM-L6-v2 from ${found.source}` };
}

function off(why: string): Models {
  return { encoder: undefined, off: why, said: `models are off (${why}): open questions go to people` };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
