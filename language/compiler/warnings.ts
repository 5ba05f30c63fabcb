/**
 * What is allowed and will hurt: endings that leave something behind, results nobody reads, steps that outlast their run;
 * and what can never come to pass.
 *
 * PURE.
 */
import { formatDuration } from '../plan/duration.js';
import { get } from '../plan/parsed.js';
import type { Parsed } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import type { StepPlace } from './places.js';
import type { Seals } from './seals.js';
import type { CheckedStep } from './validate.js';

/** FIRN409: a `refuse` or `fail` behind a `tell` that seals a write with an undo. */
export function warnSealed(place: StepPlace, seals: Seals, problems: Problems): void {
  const at = place.step?.body ?? { at: place.source.at, path: place.source.path };
  for (const { write, tell } of seals.sealed) {
    const name = write.id ?? `the write on line ${write.source.at.line}`;
    const message = `${name} stays done although the run ends here: the \`tell\` on line ${tell.source.at.line} seals what was done before it`;
    problems.warning(
      'FIRN409',
      at,
      message,
      'tell after everything that can still end the run, or undo it by a step of its own',
    );
  }
}

/** FIRN456 is said once of each value that nobody declares, where it is first computed with. */
export function onePerOrigin({ all }: Problems): void {
  const told = new Set<string>();
  const kept = all.filter(({ code, message }) => code !== 'FIRN456' || (!told.has(message) && told.add(message)));
  all.splice(0, all.length, ...kept);
}

/** FIRN410: of the steps whose result somebody should read, those whose name nobody does. */
export function warnUnread(wanted: readonly StepPlace[], read: ReadonlySet<string>, problems: Problems): void {
  for (const { id, source } of wanted) {
    const parsed = get(source, 'id');
    if (parsed === undefined || id === undefined || read.has(id)) continue;
    problems.warning('FIRN410', parsed, `nobody reads the result of "${id}"`, 'use it, or remove the step');
  }
}

/** FIRN411. */
export function reportUnreachable({ source }: StepPlace, ended: StepPlace, problems: Problems): void {
  const message = `this step can never run: the run has ended before it (line ${ended.source.at.line})`;
  problems.error('FIRN411', { at: source.at, path: source.path }, message, 'remove it, or put it before the end');
}

/** FIRN411. */
export function reportNoOutput(output: Parsed, ended: StepPlace, problems: Problems): void {
  const message = `this output can never be given: every way to it has ended the run (line ${ended.source.at.line})`;
  problems.error('FIRN411', output, message, 'remove it');
}

/** FIRN416. */
export function warnTimeout(step: CheckedStep, ends_within_ms: number, problems: Problems): void {
  const parsed = get(step.source, 'timeout');
  if (parsed === undefined || step.timeout_ms === undefined || ends_within_ms === 0 || step.timeout_ms < ends_within_ms)
    return;
  const message = `this step may take ${formatDuration(step.timeout_ms)}, but its whole run ends within ${formatDuration(ends_within_ms)}`;
  problems.warning('FIRN416', parsed, message, 'give it less time than the run, or the run more');
}
