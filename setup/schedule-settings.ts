/**
 * Schedules, from firn.yaml: when runs are started by the clock, and what is wrong with that.
 *
 * HOST, reads nothing. Whether an input fits its definition is only known where definitions are compiled: that is
 * `scheduleProblems`.
 */
import { closest } from 'fastest-levenshtein';
import { asJson } from '../language/compiler/field-types.js';
import { validateInput } from '../language/compiler/input.js';
import { get, type Parsed, type ParsedEntry } from '../language/plan/parsed.js';
import { Problems, type Problem } from '../language/plan/problem.js';
import type { ScheduleSettings } from './configuration.js';
import { cronProblem } from './cron.js';
import type { CompiledDefinition } from './definitions.js';
import { listed, placeOf } from './firn-yaml-shape.js';

/** A schedule with a problem (FIRN506) is left out. */
export function scheduleSettings(
  { key: name, value, keyAt }: ParsedEntry,
  workflows: ReadonlySet<string>,
  problems: Problems,
): ScheduleSettings | undefined {
  const before = problems.all.length;
  const workflow = get(value, 'workflow');
  const cron = get(value, 'cron');
  const zone = get(value, 'zone');
  const known = textOf(workflow);
  if (workflow !== undefined && !workflows.has(known)) {
    const hint = workflows.size === 0 ? 'this project has no definitions' : listed('known', known, workflows);
    problems.error(
      'FIRN506',
      placeOf(workflow),
      `the schedule "${name}" starts "${known}", which is no workflow`,
      hint,
    );
  }
  const wrongCron = cronProblem(textOf(cron));
  if (cron !== undefined && wrongCron !== undefined) {
    problems.error('FIRN506', placeOf(cron), wrongCron, 'every first of a month at six is "0 6 1 * *"');
  }
  const wrongZone = zoneProblem(textOf(zone));
  if (zone !== undefined && wrongZone !== undefined)
    problems.error('FIRN506', placeOf(zone), wrongZone.message, wrongZone.hint);
  if (problems.all.length > before) return undefined;
  const input = get(value, 'input');
  return {
    name,
    workflow: known,
    cron: textOf(cron).trim(),
    zone: textOf(zone),
    input: input === undefined ? {} : asJson(input),
    paused: isTrue(get(value, 'paused')),
    overlap: overlapOf(textOf(get(value, 'overlap'))),
    file: problems.file,
    place: input === undefined ? { at: keyAt, path: value.path, length: name.length } : placeOf(input),
  };
}

/** Schedules whose input does not fit their definition. A definition with problems of its own says nothing here. */
export function scheduleProblems(
  schedules: readonly ScheduleSettings[],
  definitions: readonly CompiledDefinition[],
): readonly Problem[] {
  return schedules.flatMap(({ name, workflow, input, file, place }) => {
    const plan = definitions.find((definition) => definition.plan?.name === workflow)?.plan;
    const checked = plan === undefined ? undefined : validateInput(plan, input);
    if (checked === undefined || checked.ok) return [];
    const problems = new Problems(file);
    const message = `the schedule "${name}" would start ${workflow} with a wrong input: ${checked.problems.join(' ')}`;
    problems.error('FIRN506', place, message, `see \`input\` of ${workflow}`);
    return problems.all;
  });
}

function zoneProblem(zone: string): { readonly message: string; readonly hint: string } | undefined {
  const zones = Intl.supportedValuesOf('timeZone');
  if (zone === 'UTC' || zones.includes(zone)) return undefined;
  const same = ['UTC', ...zones].find((one) => one.toLowerCase() === zone.toLowerCase());
  // Older names of a zone are known too, but not listed; offsets are no zones: they know no summer time.
  if (same === undefined && /^[A-Z]/.test(zone) && isZone(zone)) return undefined;
  const near = same ?? closest(zone, zones);
  return {
    message: `"${zone}" is no time zone`,
    hint: `did you mean "${near}"? Zones have names such as Europe/Berlin or UTC`,
  };
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function overlapOf(written: string): ScheduleSettings['overlap'] {
  switch (written) {
    case 'buffer_one':
    case 'buffer_all':
    case 'allow_all':
    case 'cancel_other':
      return written;
    default:
      return 'skip';
  }
}

function textOf(parsed: Parsed | undefined): string {
  return parsed?.is === 'scalar' && typeof parsed.value === 'string' ? parsed.value : '';
}

function isTrue(parsed: Parsed | undefined): boolean {
  return parsed?.is === 'scalar' && parsed.value === true;
}
