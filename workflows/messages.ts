/**
 * What a run can be told from outside: its updates, signals and queries.
 *
 * SANDBOX. All of them are there before the first `await`, so that nothing which comes with the start is lost: an unknown
 * name is refused with the names that exist. While an item is open it has an update of its own besides (`approve:review`),
 * so that the form in Temporal's UI lists it.
 */
import {
  ApplicationFailure,
  defineQuery,
  defineUpdate,
  log,
  setDefaultQueryHandler,
  setDefaultSignalHandler,
  setDefaultUpdateHandler,
  setHandler,
} from '@temporalio/workflow';
import type { OpenItem } from '../language/plan/host.js';
import { isJson, type Json, type JsonMap } from '../language/plan/json.js';
import {
  ANSWER,
  APPROVE,
  HAND_OVER,
  MESSAGE,
  STATUS,
  type DecisionReceipt,
  type HandOverRequest,
  type RunStatus,
} from '../language/plan/messages.js';
import { isRefused, readDecision, readHandOver, readMessage } from './decisions.js';
import { refusedUpdate, type Items } from './items.js';

const UPDATES: Readonly<Record<OpenItem['kind'], string>> = { approve: APPROVE, answer: ANSWER };
const ARGUMENT = '{"item": "<step>", "decision": …, "by": "<who>", "comment": "<why>"}';

export interface Told {
  readonly items: Items;
  status(): RunStatus;
  handOver(request: HandOverRequest): void;
  /** A message came; why it is not kept, or undefined. */
  deliver(name: string, values: Json): string | undefined;
  /** Why no step could take it, or undefined: asked before it is accepted. */
  refusal(name: string, values: JsonMap): string | undefined;
}

export function listen(told: Told): void {
  setHandler(defineQuery<RunStatus>(STATUS), () => told.status(), {
    description: 'Where the run is, what it waits for and what it has done so far.',
  });
  for (const kind of ['approve', 'answer'] as const) {
    const description =
      kind === 'approve'
        ? `Decides an approval: ${ARGUMENT}; "decision" is "approve" or "reject".`
        : `Answers a question: ${ARGUMENT}; "decision" is one of the item's answers, or "none of these".`;
    listenForDecisions(told.items, kind, undefined, description);
  }
  setHandler(
    defineUpdate<{ readonly accepted: boolean }, [unknown]>(HAND_OVER),
    (argument) => {
      const request = readHandOver(argument);
      if (isRefused(request)) throw refusedUpdate(request);
      told.handOver(request);
      return { accepted: true };
    },
    {
      description:
        'Ends the run and gives it to its owner: {"reason": "<why>", "by": "<who>"}. What has an undo is undone.',
      validator: (argument) => {
        const request = readHandOver(argument);
        if (isRefused(request)) throw refusedUpdate(request);
      },
    },
  );
  setHandler(
    defineUpdate<{ readonly accepted: boolean }, [unknown]>(MESSAGE),
    (argument) => {
      const request = readMessage(argument);
      if (isRefused(request)) throw refusedUpdate(request);
      const because = told.deliver(request.message, request.values);
      if (because !== undefined) throw refusedUpdate({ code: 'not_received', message: because });
      return { accepted: true };
    },
    {
      description: 'Sends a message that a step receives: {"message": "<name>", "values": {…}}.',
      validator: (argument) => {
        const request = readMessage(argument);
        if (isRefused(request)) throw refusedUpdate(request);
        const because = told.refusal(request.message, request.values);
        if (because !== undefined) throw refusedUpdate({ code: 'not_received', message: because });
      },
    },
  );
  listenForTheRest(told);
}

/** The update of one open item, or (without one) the update of all items of a kind. */
export function listenForDecisions(
  items: Items,
  kind: OpenItem['kind'],
  item: string | undefined,
  description: string,
): void {
  setHandler(
    defineUpdate<DecisionReceipt, [unknown]>(nameOf(kind, item)),
    async (argument) => {
      const request = readDecision(argument, item);
      if (isRefused(request)) throw refusedUpdate(request);
      return await items.decide(kind, request);
    },
    {
      description,
      validator: (argument) => {
        const request = readDecision(argument, item);
        const refused = isRefused(request) ? request : items.refusal(kind, request);
        if (refused !== undefined) throw refusedUpdate(refused);
      },
    },
  );
}

export function stopListening(kind: OpenItem['kind'], item: string): void {
  setHandler(defineUpdate<DecisionReceipt, [unknown]>(nameOf(kind, item)), undefined);
}

function nameOf(kind: OpenItem['kind'], item: string | undefined): string {
  return item === undefined ? UPDATES[kind] : `${UPDATES[kind]}:${item}`;
}

function listenForTheRest(told: Told): void {
  setDefaultUpdateHandler((name) => {
    const [kind, item] = name.split(':');
    if ((kind === APPROVE || kind === ANSWER) && item !== undefined) {
      throw refusedUpdate({ code: 'not_open', message: `"${item}" does not wait here, or no longer` });
    }
    throw ApplicationFailure.nonRetryable(
      `a run takes no update "${name}"; it takes ${APPROVE}, ${ANSWER}, ${MESSAGE} and ${HAND_OVER}`,
      'not_found',
    );
  });
  setDefaultSignalHandler((name, values) => {
    const refused = told.deliver(name, isJson(values) ? values : null);
    if (refused !== undefined) log.warn(`a message was not kept: ${refused}`, { message: name.slice(0, 100) });
  });
  setDefaultQueryHandler((name) => {
    throw ApplicationFailure.nonRetryable(`a run answers no query "${name}"; it answers ${STATUS}`, 'not_found');
  });
}
