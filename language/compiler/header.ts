/**
 * The header of a definition and the keys that every step may have: their shapes, and what they mean.
 *
 * PURE. The two schemas are the source of the shape checks, of the reference and of the editor's schema.
 */
import type { JsonMap } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import { formatDuration, parseDuration } from '../plan/duration.js';
import type { Retry } from '../plan/plan.js';
import { get } from '../plan/parsed.js';

export const MOST_STEPS = 2000;
const DAY_MS = 86_400_000;
/** A year and a bit: longer than anybody waits, shorter than what a timer can hold. */
const LONGEST_MS = 400 * DAY_MS;

const STEP_LIST = { $comment: 'steps', type: 'array', items: { type: 'object' } } as const;
const DURATION = { type: 'string', description: 'a duration reads 30s, 15m, 2h, 5d or PT30S' } as const;

export const HEADER_SCHEMA = {
  type: 'object',
  properties: {
    workflow: { type: 'string', description: 'the name of the workflow, as in `workflow: refund`' },
    summary: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'one line that says what the workflow is for',
    },
    owner: { type: 'string', description: 'the role of firn.yaml that answers for the workflow' },
    ends_within: {
      ...DURATION,
      description: 'how long a run may take before its owner gets it, as in `ends_within: 5d`',
    },
    uses: {
      type: 'array',
      items: { type: 'string' },
      uniqueItems: true,
      maxItems: 50,
      description: 'the connections it may touch, as in `uses: [shop]`; nothing else is reachable',
    },
    policies: {
      type: 'object',
      additionalProperties: { type: 'string' },
      maxProperties: 50,
      description: 'policy files by name, as in `policies: { returns: ./returns.policy.yaml }`',
    },
    input: {
      $comment: 'fields',
      type: 'object',
      maxProperties: 200,
      description: 'the fields that a run is started with; `name?` may be absent',
    },
    steps: { ...STEP_LIST, minItems: 1, maxItems: MOST_STEPS, description: 'what happens, from top to bottom' },
    output: { type: 'object', maxProperties: 200, description: 'what a run gives back' },
  },
  required: ['workflow', 'summary', 'owner', 'ends_within', 'steps'],
  additionalProperties: false,
} as const satisfies JsonMap;

const RETRY_SCHEMA = {
  type: 'object',
  properties: {
    attempts: { type: 'integer', minimum: 1, maximum: 100, description: 'most attempts, the first included' },
    first: { ...DURATION, description: 'the wait before the second attempt' },
    factor: { type: 'number', minimum: 1, maximum: 10, description: 'what each wait is multiplied by for the next' },
    most: { ...DURATION, description: 'the longest wait between two attempts' },
  },
  additionalProperties: false,
  minProperties: 1,
} as const satisfies JsonMap;

const EXPRESSION = { $comment: 'expression', type: 'string', minLength: 1 } as const;

/** What may stand beside the verb. */
export const COMMON_SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 60, description: 'the name of the step and of its result' },
    summary: { type: 'string', minLength: 1, maxLength: 200, description: 'what people see while it runs' },
    when: { ...EXPRESSION, description: 'the step is skipped unless this holds; write when: ${{ … }}' },
    timeout: { ...DURATION, description: 'how long the whole step may take, as in `timeout: 2d`' },
    retry: { ...RETRY_SCHEMA, description: 'how often it is tried, and what lies between two attempts' },
    ensure: { ...EXPRESSION, description: 'what must hold of the recorded result; write ensure: ${{ … }}' },
    undo: { $comment: 'step', type: 'object', description: 'the step that takes its effect back' },
  },
  additionalProperties: true,
} as const satisfies JsonMap;

export const COMMON_KEYS: readonly string[] = Object.keys(COMMON_SCHEMA.properties);

/** What a step's `retry` leaves open. */
const RETRY_DEFAULTS = { attempts: 5, first_ms: 1000, factor: 2, most_ms: 60_000 } as const;

/** Milliseconds of a literal duration between one and `most_ms`. That it is a text is the shape's. Problems: FIRN307, FIRN319. */
export function readDuration(parsed: Parsed, problems: Problems, most_ms: number = LONGEST_MS): number | undefined {
  if (parsed.is !== 'scalar' || typeof parsed.value !== 'string') return undefined;
  const hint = 'a duration reads 30s, 15m, 2h, 5d, 1h30m or PT30S';
  const duration_ms = parseDuration(parsed.value.trim());
  if (duration_ms === undefined) {
    problems.error('FIRN307', parsed, `"${parsed.value}" is no duration`, hint);
    return undefined;
  }
  if (duration_ms < 1 || duration_ms > most_ms) {
    const message = `"${parsed.value}" is out of range; it must be more than 0s and at most ${formatDuration(most_ms)}`;
    problems.error('FIRN319', parsed, message);
    return undefined;
  }
  return duration_ms;
}

/** The retry settings of a step whose shape is right. */
export function readRetry(parsed: Parsed, problems: Problems): Retry {
  const number = (key: string, otherwise: number): number => {
    const found = get(parsed, key);
    return found?.is === 'scalar' && typeof found.value === 'number' ? found.value : otherwise;
  };
  const duration = (key: string, otherwise: number): number => {
    const found = get(parsed, key);
    return (found === undefined ? undefined : readDuration(found, problems, DAY_MS)) ?? otherwise;
  };
  const first_ms = duration('first', RETRY_DEFAULTS.first_ms);
  return {
    attempts: number('attempts', RETRY_DEFAULTS.attempts),
    first_ms,
    factor: number('factor', RETRY_DEFAULTS.factor),
    most_ms: Math.max(first_ms, duration('most', RETRY_DEFAULTS.most_ms)),
  };
}
