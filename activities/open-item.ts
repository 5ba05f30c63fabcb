/**
 * Activity `open item`: something waits for a person. Writes the inbox row and tells the role.
 *
 * HOST. Repeatable. Which workflow and execution asks is Temporal's own knowledge of the activity, not an argument.
 */
import { activityInfo } from '@temporalio/activity';
import type { OpenItemCall } from '../language/plan/calls.js';
import { failure } from '../language/plan/failure.js';
import type { JsonMap } from '../language/plan/json.js';
import { openItem } from '../store/item.js';
import type { ItemDraft } from '../store/item.js';
import { timestampText } from '../store/values.js';
import type { Dependencies } from './dependencies.js';
import { notifyRole } from './notify-role.js';
import type { Senders } from './send-message.js';

export function createOpenItem(
  dependencies: Senders & Pick<Dependencies, 'logger'>,
): (call: OpenItemCall) => Promise<JsonMap> {
  return async (call) => {
    const item = readItem(call);
    await openItem(dependencies.store.pool, item);
    await notifyRole(dependencies, item);
    return {};
  };
}

function readItem({ ticket, item }: OpenItemCall): ItemDraft {
  const { workflowType, workflowExecution } = activityInfo();
  const id = text(item, 'id');
  const kind = item['kind'] === 'approve' ? 'approve' : 'answer';
  const deadline_ms = item['deadline_ms'];
  const answers = item['answers'];
  const notBy = item['not_by'];
  return {
    ticket,
    id,
    run_id: workflowExecution?.runId ?? '',
    workflow: workflowType ?? '',
    step: id,
    kind,
    role: text(item, 'role'),
    title: text(item, 'title'),
    body: item['body'] ?? {},
    digest: text(item, 'digest'),
    answers: Array.isArray(answers) ? answers.filter((answer) => typeof answer === 'string') : null,
    not_by: typeof notBy === 'string' ? notBy : null,
    deadline: typeof deadline_ms === 'number' ? timestampText(new Date(deadline_ms).toISOString()) : null,
  };
}

function text(item: JsonMap, key: string): string {
  const value = item[key];
  if (typeof value === 'string') return value;
  throw failure('invalid', `an item to open needs the text \`${key}\``);
}
