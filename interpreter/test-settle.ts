/**
 * What settling finds out in a test: as much as the activity `settle` could, and no more.
 *
 * PURE. A database knows its keys. Of a request, or an activity, that may be asked only once, nobody knows more than what
 * the step itself heard.
 */
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import type { TestWorld } from './test-world.js';

/** Refusals that do not say that nothing was done: too late, already running, too early, too often. */
const NOT_DEFINITE = /^http\.(?:408|409|425|429)$/;

/** `input` is that of the activity `settle`. */
export function settled(world: TestWorld, input: JsonMap): Json {
  const { key, verb, request, failed_with } = input;
  if (typeof key !== 'string') throw new Error('a settling has no key');
  const failed = typeof failed_with === 'string' ? failed_with : undefined;
  const { repeat, effect } = isJsonMap(request) ? request : {};
  const once = (verb === 'http' && repeat === 'once') || (verb === 'use' && effect === 'once');
  if (!once) return { ...world.settle(key) };
  return { happened: saysNo(failed) ? false : null, result: null };
}

/** A failure that says that nothing was done. */
function saysNo(failed: string | undefined): boolean {
  if (failed === undefined) return false;
  if (['unreachable', 'invalid', 'rejected'].includes(failed)) return true;
  return /^http\.4\d\d$/.test(failed) && !NOT_DEFINITE.test(failed);
}
