/**
 * Cron expressions, as far as to say what is wrong with one before Temporal sees it.
 *
 * HOST, pure. Five fields; each a `*`, a value, a range, a step, or a list of such; months and weekdays also by name.
 */
interface CronField {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const;
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;
const FIELDS: readonly CronField[] = [
  { name: 'minute', least: 0, most: 59, names: [] },
  { name: 'hour', least: 0, most: 23, names: [] },
  { name: 'day of the month', least: 1, most: 31, names: [] },
  { name: 'month', least: 1, most: 12, names: ['', ...MONTHS] },
  // Sunday is 0 and 7.
  { name: 'day of the week', least: 0, most: 7, names: DAYS },
];

/** What is wrong with it, as a sentence; undefined when Temporal will take it, and take it as cron does. */
export function cronProblem(cron: string): string | undefined {
  const words = cron.trim().split(/\s+/);
  if (words.length !== FIELDS.length) {
    return `"${cron}" has ${words.length} ${words.length === 1 ? 'field' : 'fields'}; a cron expression has five: ${FIELDS.map(({ name }) => name).join(', ')}`;
  }
  for (const [index, field] of FIELDS.entries()) {
    const problem = fieldProblem(words[index] ?? '', field);
    if (problem !== undefined) return problem;
  }
  const [, , dayOfMonth = '*', , dayOfWeek = '*'] = words;
  if (!dayOfMonth.startsWith('*') && !dayOfWeek.startsWith('*')) {
    return `"${cron}" names days of the month and days of the week: cron means either of them and Temporal both; write two schedules`;
  }
  return undefined;
}

function fieldProblem(word: string, field: CronField): string | undefined {
  for (const part of word.split(',')) {
    const match = /^(\*|([0-9]+|[A-Za-z]{3})(?:-([0-9]+|[A-Za-z]{3}))?)(?:\/([0-9]+))?$/.exec(part);
    if (match === null) return `"${part}" is no ${field.name}; write a number, *, 1-5, */15, or several with commas`;
    const [, whole = '', first, last, step] = match;
    if (step !== undefined && Number(step) < 1) return `the step of "${part}" must be at least 1`;
    if (whole === '*') continue;
    const from = valueOf(first ?? '', field);
    const until = last === undefined ? from : valueOf(last, field);
    if (from === undefined || until === undefined) {
      const names = field.names.filter((name) => name !== '');
      const or = names.length === 0 ? '' : `, or ${names.join(', ')}`;
      return `"${part}" is no ${field.name}: it goes from ${field.least} to ${field.most}${or}`;
    }
    if (until < from) return `"${part}" runs backwards: a ${field.name} goes from the smaller to the larger value`;
  }
  return undefined;
}

function valueOf(word: string, { least, most, names }: CronField): number | undefined {
  const value = /^[0-9]+$/.test(word) ? Number(word) : names.indexOf(word.toUpperCase());
  return value >= least && value <= most ? value : undefined;
}
