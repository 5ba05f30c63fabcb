/**
 * The shape of a test file: the source of its shape checks and of the editor's schema.
 *
 * PURE.
 */
import type { Outcome } from '../plan/host.js';
import type { JsonMap } from '../plan/json.js';

const MOST = 2000;
const TEXTS = { type: 'array', items: { type: 'string' }, maxItems: MOST } as const;
const AFTER = { type: 'string', description: 'how long after it was asked, like 2h' } as const;
const NOW = { type: 'string', description: 'the instant at which the run starts, like 2026-03-10T12:00:00Z' } as const;
export const OUTCOMES = ['done', 'refused', 'handed_over', 'failed', 'cancelled'] as const satisfies readonly Outcome[];

const PERSON = {
  properties: {
    approve: { type: 'boolean', description: 'of an `approve`: yes or no' },
    answer: { type: 'string', description: 'of a `decide`: one of its answers, or `none of these`' },
    values: { type: 'object', description: 'of an `ask`: the fields of its form' },
    by: { type: 'string', description: 'who' },
    comment: { type: 'string', description: 'why; a rejection needs it' },
    after: AFTER,
  },
  additionalProperties: false,
} as const;

const INPUT = { type: 'object', description: 'what the run is started with' } as const;
const STEPS = {
  type: 'object',
  description:
    'by step id: what it finds, `{ fail: not_found }`, or a list with one of these per call; `remind[2]` is the second time in a loop',
} as const;
const PEOPLE = {
  type: 'object',
  description: 'by step id: what somebody decides; a list is one per time that it asks, `nobody` lets it wait in vain',
  additionalProperties: {
    type: ['object', 'array', 'string'],
    ...PERSON,
    items: { type: ['object', 'string'], ...PERSON },
  },
} as const;

const EXPECT = {
  type: 'object',
  description: 'what must come of it; what is not named is not looked at',
  properties: {
    outcome: { enum: OUTCOMES, description: 'how the run ends' },
    output: { description: 'fields that its output has' },
    reason: { type: 'string', minLength: 1, description: 'a part of why it was refused, failed or handed over' },
    code: { type: 'string', minLength: 1, description: 'the failure with which it ended, like not_found' },
    step: { type: 'string', minLength: 1, description: 'the step that ended it' },
    path: { ...TEXTS, description: 'exactly the steps that ran, in order' },
    not_run: { ...TEXTS, description: 'steps that must not run' },
    messages: {
      type: 'array',
      maxItems: MOST,
      description: 'exactly the messages to people, in order: each a part of its text, or `{who, to, subject, text}`',
      items: {
        type: ['string', 'object'],
        properties: {
          who: { type: 'string', description: '`customer`, or a role' },
          to: { type: 'string', description: 'the address' },
          subject: { type: 'string', description: 'a part of the subject' },
          text: { type: 'string', description: 'a part of the text' },
        },
        minProperties: 1,
        additionalProperties: false,
      },
    },
    sent: {
      type: 'array',
      maxItems: MOST,
      description: 'exactly the messages to other runs, in order',
      items: {
        type: 'object',
        properties: {
          to: { type: 'string', description: 'the ticket of the run' },
          message: { type: 'string', description: 'its name' },
          values: { type: 'object', description: 'fields that it carries' },
        },
        minProperties: 1,
        additionalProperties: false,
      },
    },
    model_calls: { type: 'integer', minimum: 0, description: 'how many questions a model was asked' },
    effects: { ...TEXTS, description: 'exactly the steps whose write happened, in order' },
    undone: { ...TEXTS, description: 'exactly the steps whose write was undone, in order' },
    item: { type: 'string', minLength: 1, description: 'the role before which a run that was handed over is put' },
    took: { type: 'string', minLength: 1, description: 'exactly how long the run took, like 2d' },
    snapshot: {
      enum: [true],
      description: '`true`: everything that it does is as kept in the `.test.snap.yaml` beside',
    },
  },
  additionalProperties: false,
} as const;

export const TESTS_SCHEMA = {
  type: 'object',
  properties: {
    workflow: { type: 'string', description: 'the workflow that is tested' },
    now: NOW,
    defaults: {
      type: 'object',
      description: 'what holds for each case that does not say otherwise',
      properties: { input: INPUT, steps: STEPS, people: PEOPLE },
      additionalProperties: false,
    },
    cases: {
      type: 'array',
      minItems: 1,
      maxItems: MOST,
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 200, description: 'what the case shows' },
          now: NOW,
          input: INPUT,
          steps: STEPS,
          people: PEOPLE,
          messages: {
            type: 'array',
            maxItems: MOST,
            description: 'messages that the run is sent',
            items: {
              type: 'object',
              properties: {
                name: { type: 'string', minLength: 1, description: 'the name that a `receive` waits for' },
                after: { type: 'string', description: 'how long after the start of the run, like 2h' },
                values: { type: 'object', description: 'its fields' },
              },
              required: ['name'],
              additionalProperties: false,
            },
          },
          cancel: { type: 'string', minLength: 1, description: 'somebody cancels the run so long after its start' },
          expect: EXPECT,
        },
        required: ['name'],
        additionalProperties: false,
      },
    },
  },
  required: ['workflow', 'cases'],
  additionalProperties: false,
} as const satisfies JsonMap;
