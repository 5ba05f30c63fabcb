/**
 * The shape of a test file: the source of its shape checks and of the editor's schema.
 *
 * PURE.
 */
import type { Outcome } from '../plan/host.js';
import type { JsonMap } from '../plan/json.js';

const TEXTS = { type: 'array', items: { type: 'string' }, maxItems: 2000 } as const;
export const OUTCOMES = ['done', 'refused', 'handed_over', 'failed', 'cancelled'] as const satisfies readonly Outcome[];

export const TESTS_SCHEMA = {
  type: 'object',
  properties: {
    workflow: { type: 'string', description: 'the workflow that is tested' },
    now: { type: 'string', description: 'the instant at which the runs start' },
    cases: {
      type: 'array',
      minItems: 1,
      maxItems: 2000,
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 200, description: 'what the case shows' },
          now: { type: 'string' },
          input: { type: 'object' },
          steps: { type: 'object' },
          people: {
            type: 'object',
            additionalProperties: {
              type: 'object',
              properties: {
                approve: { type: 'boolean' },
                answer: { type: 'string' },
                by: { type: 'string' },
                comment: { type: 'string' },
                after: { type: 'string' },
              },
              additionalProperties: false,
            },
          },
          expect: {
            type: 'object',
            properties: {
              outcome: { enum: OUTCOMES },
              output: {},
              reason: { type: 'string', minLength: 1 },
              code: { type: 'string', minLength: 1 },
              path: TEXTS,
              messages: TEXTS,
              model_calls: { type: 'integer', minimum: 0 },
              effects: TEXTS,
              undone: TEXTS,
              item: { type: 'string', minLength: 1 },
            },
            additionalProperties: false,
          },
        },
        required: ['name'],
        additionalProperties: false,
      },
    },
  },
  required: ['workflow', 'cases'],
  additionalProperties: false,
} as const satisfies JsonMap;
