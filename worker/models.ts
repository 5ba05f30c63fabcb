/**
 * The models of this worker: a supervised model process, or none, with the reasons.
 *
 * HOST. A worker that somebody supervises asks no network: whoever started it has obtained the model, or has said why not.
 */
import type { Logger } from 'pino';
import { connectModels } from '../models/client.js';
import { modelsOff } from '../models/off.js';
import type { ModelPort } from '../models/port.js';
import { ENCODER } from '../models/profile.js';
import { ensureEncoder, isOff } from '../models/store.js';
import { superviseModels } from '../models/supervisor.js';
import type { Configuration } from '../setup/configuration.js';
import { encoderOptions } from '../setup/models.js';
import { stateFolder } from '../setup/state-folder.js';

export interface WorkerModels {
  readonly port: ModelPort;
  stop(): Promise<void>;
}

export async function startModels(configuration: Configuration, offline: boolean, log: Logger): Promise<WorkerModels> {
  const { off, threads, gpu, socket } = configuration.models;
  if (off) return without(['switched off by firn.yaml or FIRN_MODELS'], log);
  if (socket !== undefined) {
    log.info({}, 'models are on, in a process that somebody else runs');
    const port = connectModels({ socket });
    return { port, stop: () => port.close() };
  }
  const found = await ensureEncoder({ ...encoderOptions(configuration), offline });
  if (isOff(found)) return without(found.off, log);
  const models = superviseModels({
    model: found.path,
    sha256: found.sha256,
    directory: stateFolder(configuration.directory).directory,
    context: ENCODER.context,
    threads,
    gpu: gpu ? 'auto' : undefined,
    onEvent: (event) => log.info({ event: event.slice(0, 500) }, 'model process'),
  });
  log.info({ encoder: ENCODER.name, sha256: found.sha256 }, 'models are on');
  return { port: models.port, stop: () => models.stop() };
}

function without(reasons: readonly string[], log: Logger): WorkerModels {
  log.warn({ reasons }, 'models are off: open questions go to people');
  return { port: modelsOff(reasons), stop: () => Promise.resolve() };
}
