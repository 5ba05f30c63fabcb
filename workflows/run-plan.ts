/**
 * The entry of every run: whatever workflow type a run is started with, it lands in this default export.
 *
 * SANDBOX. guard -> handlers -> `open run` -> the interpreter -> `close run` -> one of the five endings. The first argument
 * is the business input; a second one, plan and state, exists only in a run that continues as new. No named export may be
 * added: Temporal would prefer it to the default one for a definition of that name.
 */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  workflowInfo,
} from '@temporalio/workflow';
import type { Ending } from '../interpreter/ending.js';
import { interpret } from '../interpreter/interpret.js';
import type { JsonMap } from '../language/plan/json.js';
import type { HandOverRequest } from '../language/plan/messages.js';
import { kindOf } from '../language/steps/index.js';
import { Attributes } from './attributes.js';
import { Clock } from './clock.js';
import { afterHandOver, closeRun, resultOf, sentenceOf } from './closing.js';
import { shielded } from './deadlines.js';
import { readArguments } from './guard.js';
import { Inbox } from './inbox.js';
import { listen } from './messages.js';
import { forContinuing, keptItems, openRun, reopen, type Opened } from './opening.js';
import { CONTINUE_AFTER_EVENTS, TemporalHost, type Known } from './temporal-host.js';

export default async function runPlan(...args: unknown[]): Promise<JsonMap> {
  const { input, continuation } = readArguments(args, workflowInfo());
  const clock = new Clock();
  const host = new TemporalHost(clock);
  const walk = new CancellationScope({ cancellable: true });
  const asked: { handOver?: HandOverRequest } = {};
  const inbox = new Inbox(clock);
  // Before anything can be told to the run: what waited in the run before this one can be decided at once.
  host.take(keptItems(continuation));
  listen({
    items: host.items,
    status: () => host.status(),
    handOver: (request) => {
      asked.handOver ??= request;
      walk.cancel();
    },
    deliver: (name, values) => inbox.deliver(name, values),
    refusal: (name, values) => inbox.refusal(name, values),
  });
  const opened = continuation === undefined ? await openRun(clock, input) : reopen(continuation);
  host.open(known(opened));
  inbox.open(opened.plan, opened.state.messages);
  for (;;) {
    const walked = await walk.run(() => interpret(opened.plan, opened.state, host, kindOf));
    await shielded(() => condition(allHandlersFinished));
    if (!('continue' in walked)) return await end(host, opened, afterHandOver(walked, asked.handOver));
    // Whoever cancelled or asked for a person at this very moment is heard before the run continues as new.
    if (!walk.consideredCancelled)
      return await makeContinueAsNewFunc()(input, forContinuing(opened, host.items.kept()));
  }
}

async function end(host: TemporalHost, opened: Opened, ending: Ending): Promise<JsonMap> {
  const item = await closeRun(opened, ending);
  host.end(ending.outcome, sentenceOf(ending), opened.state.trail);
  await shielded(() => condition(allHandlersFinished));
  return resultOf(ending, item);
}

function known({ plan, state, search_attributes, continue_after_events }: Opened): Known {
  const standing = { version: plan.hash.slice(0, 12), owner: plan.owner, ends_by_ms: state.ends_at_ms };
  return {
    version: plan.hash,
    continue_after_events: continue_after_events ?? CONTINUE_AFTER_EVENTS,
    attributes: new Attributes(search_attributes, standing),
    soFar: () => ({
      path: state.path,
      decisions: state.decisions.map((decision) => ({ ...decision })),
      model_calls: state.model_calls,
    }),
  };
}
