/**
 * A model that says what it was told to say: for tests of what stands around a model.
 *
 * HOST. Knows the vectors of listed texts and nothing else; a text that is not listed is the test's mistake.
 */
import { normalized } from '../decisions/vectors.js';
import { ModelError, type ModelPort } from './port.js';

export interface ScriptedModel extends ModelPort {
  /** Every text that was asked for, in order. */
  readonly asked: readonly string[];
}

/** What stands for a text: its vector (any length), or the error that is thrown at it. */
export function scriptedModel(
  script: ReadonlyMap<string, readonly number[] | ModelError>,
  model_sha256 = 'scripted',
): ScriptedModel {
  const asked: string[] = [];
  return {
    asked,
    embed: (texts) => {
      asked.push(...texts);
      const vectors = [];
      for (const [index, text] of texts.entries()) {
        const found = script.get(text);
        if (found === undefined) return Promise.reject(new Error(`the script has nothing for ${JSON.stringify(text)}`));
        if (found instanceof ModelError) return Promise.reject(new ModelError(found.code, found.message, index));
        vectors.push(normalized(found));
      }
      return Promise.resolve({ vectors, model_sha256, ms: 1 });
    },
    state: () => ({ is: 'on' }),
    close: () => Promise.resolve(),
  };
}
