/**
 * Models switched off: every question goes to people, and says why.
 *
 * HOST.
 */
import { ModelError, type ModelPort } from './port.js';

/** `reasons` are for people, one for each source that was asked: "hf:…: fetch failed". */
export function modelsOff(reasons: readonly string[]): ModelPort {
  return {
    embed: () => Promise.reject(new ModelError('models_off', reasons.join('; '))),
    state: () => ({ is: 'off', reasons }),
    close: () => Promise.resolve(),
  };
}
