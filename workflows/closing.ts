/**
 * The last thing a run does: it tells the database how it ended, and then Temporal.
 *
 * SANDBOX. Refused and handed over are results, not failures: the run did what it is for. `failed` is what the author calls
 * so. Nothing in here is reached by a cancellation.
 */
import { CancelledFailure } from '@temporalio/workflow';
import { closeRequest, type Ending } from '../interpreter/ending.js';
import { isJsonMap, type JsonMap } from '../language/plan/json.js';
import type { HandOverRequest } from '../language/plan/messages.js';
import { callOwn } from './activities-proxy.js';
import { shielded } from './deadlines.js';
import { plain } from './details.js';
import { forPeople } from './failures.js';
import { ending as endingOf, type Opened } from './opening.js';

/** A run that was stopped because somebody asked for a person is handed over, and was not cancelled. */
export function afterHandOver(ending: Ending, asked: HandOverRequest | undefined): Ending {
  if (ending.outcome !== 'cancelled' || asked === undefined) return ending;
  const reason = `${asked.by} asked for a person: ${asked.reason}`;
  return { ...ending, outcome: 'handed_over', code: 'handed_over', reason };
}

/** `close run`, as patient as `open run`. Gives the inbox item of a hand-over. */
export async function closeRun({ plan, state }: Opened, ending: Ending): Promise<string | null> {
  const answer = await shielded(() =>
    endingOf(() =>
      callOwn({
        type: 'close run',
        id: 'close run',
        summary: `close the run: ${summaryOf(ending, state)}`,
        waits: "close the run: waits for Firn's database",
        input: closeRequest(plan, state, ending),
      }),
    ),
  );
  return isJsonMap(answer) && typeof answer.item === 'string' ? answer.item : null;
}

/** What happened and why, in a line: rules leave no event of their own, so this is where the history names them. */
function summaryOf(ending: Ending, { decisions }: Opened['state']): string {
  const outcome = ending.outcome.replace('_', ' ');
  const why = decisions.map(
    ({ step, answer, by, rule }) => `${step} = ${answer} (${rule === undefined ? by : `${by} ${rule}`})`,
  );
  const reason = ending.outcome === 'done' || ending.reason === undefined ? [] : [ending.reason];
  return [outcome, ...reason, ...why].join('; ');
}

/** The run's result, or what Temporal shows as Failed or Canceled. */
export function resultOf(ending: Ending, item: string | null): JsonMap {
  const reason = ending.reason ?? '';
  switch (ending.outcome) {
    case 'done':
      return { outcome: 'done', output: ending.output ?? {} };
    case 'refused':
      return { outcome: 'refused', reason };
    case 'handed_over':
      return { outcome: 'handed_over', reason, item };
    case 'failed': {
      const step = ending.step === undefined ? '' : `${ending.step}: `;
      const message = reason.startsWith(step) ? reason : `${step}${reason}`;
      throw forPeople(message, ending.code ?? 'failed');
    }
    case 'cancelled':
      throw new CancelledFailure('the run was cancelled');
  }
}

/** One sentence for the run's page, as markdown. */
export function sentenceOf(ending: Ending): string {
  const reason = ending.reason === undefined ? '' : `: ${plain(ending.reason)}`;
  return `**${ending.outcome.replace('_', ' ')}**${reason}`;
}
