/**
 * Tells a sink what a replayed run asks of Temporal, because the replay itself compares only types, ids and order: inputs,
 * summaries, times and results pass whatever they are.
 *
 * SANDBOX, for tests only: bundled together with the workflows.
 */
import { ApplicationFailure, proxySinks, type Sinks, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { isJson, type Json } from '../../language/plan/json.js';
import type { Asked } from './asked.js';

export interface AskedSinks extends Sinks {
  replay: { asked(what: Asked): void };
}

const { replay } = proxySinks<AskedSinks>();

export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity: (input, next) => {
        const { activityType: type, options, args } = input;
        const { activityId: id = '', summary = '' } = options;
        replay.asked({ call: 'activity', type, id, summary, input: json(args[0]) });
        return next(input);
      },
      scheduleLocalActivity: (input, next) => {
        const { activityType: type, options, args } = input;
        replay.asked({ call: 'local activity', type, summary: options.summary ?? '', input: json(args[0]) });
        return next(input);
      },
      startTimer: (input, next) => {
        replay.asked({ call: 'timer', summary: input.options?.summary ?? '', ms: input.durationMs });
        return next(input);
      },
    },
  ],
  inbound: [
    {
      execute: async (input, next) => {
        try {
          const result = await next(input);
          replay.asked({ call: 'end', result: json(result) });
          return result;
        } catch (error) {
          const failure =
            error instanceof ApplicationFailure ? (error.type ?? '') : error instanceof Error ? error.name : '';
          replay.asked({ call: 'end', failure, message: error instanceof Error ? error.message : String(error) });
          throw error;
        }
      },
    },
  ],
});

/** As it travels: without the fields that are undefined. */
function json(value: unknown): Json {
  const travelled: unknown = JSON.parse(JSON.stringify(value));
  if (!isJson(travelled)) throw new Error('what a run asks with is JSON');
  return travelled;
}
