/**
 * What people and assistants write by instinct, and the word that Firn has for it.
 *
 * PURE. The language has one spelling each (rule 7); a wrong word is answered with the right one instead of a guess.
 */

/** Verbs of the language that this version does not have yet. */
export const LATER_VERBS: ReadonlySet<string> = new Set(['extract', 'draft']);

/** A key of a step that is no verb, and the word for it. */
const STEP_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    when: ['if', 'condition', 'unless', 'only_if'],
    id: ['name', 'step', 'key', 'as'],
    summary: ['description', 'title', 'label', 'comment', 'note', 'doc'],
    retry: ['retries', 'attempts', 'max_retries'],
    timeout: ['deadline', 'within', 'expires', 'time_limit'],
    ensure: ['assert', 'check', 'verify', 'expect', 'guard'],
    undo: ['compensate', 'compensation', 'rollback', 'revert', 'on_cancel'],
    wait: ['sleep', 'delay', 'pause', 'wait_for', 'timer'],
    decide: [
      'llm',
      'prompt',
      'classify',
      'ai',
      'model',
      'choose',
      'route',
      'categorize',
      'agent',
      'question',
      'completion',
    ],
    switch: ['case', 'branch', 'match', 'choice', 'conditional', 'else'],
    read: ['select', 'find', 'fetch', 'query', 'lookup', 'load', 'get_row'],
    list: ['select_all', 'find_all', 'search', 'query_all', 'read_all'],
    create: ['insert', 'add', 'save', 'write', 'insert_into', 'store'],
    update: ['modify', 'change', 'patch_row', 'upsert'],
    delete: ['remove', 'destroy', 'drop'],
    set: ['let', 'assign', 'compute', 'transform', 'var', 'vars', 'variables', 'calculate'],
    approve: ['approval', 'human', 'review', 'confirm', 'human_gate', 'manual', 'sign_off'],
    tell: ['notify', 'email', 'message', 'mail', 'sms', 'slack', 'say', 'send_email', 'reply'],
    return: ['respond', 'end', 'done', 'finish', 'result', 'succeed', 'complete', 'exit'],
    refuse: ['reject', 'deny', 'decline'],
    fail: ['raise', 'throw', 'error', 'abort', 'panic'],
    http: ['request', 'url', 'webhook', 'api', 'rest', 'get', 'post', 'put'],
    sql: ['execute', 'statement', 'database', 'postgres'],
    call: ['sub', 'run', 'workflow', 'subflow', 'sub_workflow', 'child'],
    for_each: ['foreach', 'for', 'each', 'loop', 'map', 'iterate'],
    repeat: ['while', 'until', 'do', 'do_while'],
    parallel: ['fork', 'concurrent', 'all', 'branches'],
    try: ['catch', 'rescue', 'on_error', 'finally', 'on_failure'],
    receive: ['listen', 'signal', 'event', 'on', 'wait_for_event'],
    send: ['emit', 'publish'],
    ask: ['form', 'input', 'prompt_user'],
    use: ['activity', 'task', 'action', 'function', 'tool', 'script', 'uses', 'with', 'type', 'kind'],
  }).flatMap(([right, wrong]) => wrong.map((word) => [word, right])),
);

const JUMPS: ReadonlySet<string> = new Set([
  'goto',
  'then',
  'next',
  'jump',
  'go_to',
  'transition',
  'depends_on',
  'needs',
]);

const EXPORTS: ReadonlySet<string> = new Set([
  'output',
  'outputs',
  'export',
  'exports',
  'result_path',
  'register',
  'save_as',
]);

/** What to write instead of a key of a step, as a whole sentence; undefined when nothing is known of it. */
export function adviceForStepKey(key: string): string | undefined {
  const word = key.toLowerCase().replaceAll('-', '_');
  if (JUMPS.has(word))
    return 'there are no jumps: steps run from top to bottom, and `switch` chooses between blocks of steps';
  if (EXPORTS.has(word))
    return 'a result is read by the `id` of its step, and nothing is exported; the `output` of a block stands under its verb';
  const right = STEP_WORDS.get(word);
  return right === undefined ? undefined : `it is called \`${right}\` here`;
}

/** The word that `adviceForStepKey` has for a key. */
export function stepWord(key: string): string | undefined {
  return STEP_WORDS.get(key.toLowerCase().replaceAll('-', '_'));
}

/** Words that mean one thing wherever they stand. Each group is one meaning; the first that a place knows is right. */
const GROUPS: readonly (readonly string[])[] = [
  ['from', 'in', 'table', 'into', 'connection', 'url', 'source', 'entity', 'model'],
  ['where', 'filter', 'match', 'by_id', 'query', 'conditions', 'key'],
  ['values', 'set', 'data', 'row', 'fields', 'with', 'columns'],
  ['order_by', 'sort', 'orderBy', 'sort_by', 'order'],
  ['limit', 'max', 'top', 'take', 'count'],
  ['ask', 'question', 'prompt', 'instruction', 'instructions'],
  ['about', 'text', 'input', 'content', 'message', 'body', 'context'],
  ['answers', 'options', 'choices', 'labels', 'categories', 'classes', 'enum', 'outputs'],
  ['accept', 'threshold', 'confidence', 'min_confidence', 'certainty'],
  ['otherwise', 'else', 'default', 'fallback', 'on_uncertain'],
  ['of', 'on', 'value', 'expression', 'policy', 'name'],
  ['is', 'description', 'meaning', 'label'],
  ['hints', 'keywords', 'words'],
  ['when', 'if', 'condition'],
  ['steps', 'then', 'do', 'actions', 'run'],
  ['by', 'role', 'approver', 'approvers', 'assignee', 'group', 'reviewers'],
  ['who', 'recipient', 'audience', 'to_whom'],
  ['to', 'address', 'email', 'recipient'],
  ['via', 'channel', 'using', 'transport'],
  [
    'for',
    'duration',
    'time',
    'second',
    'seconds',
    'minute',
    'minutes',
    'hour',
    'hours',
    'day',
    'days',
    'delay',
    'steps',
    'binds',
  ],
  ['until', 'at', 'date', 'timestamp', 'as_of', 'on'],
  ['type', 'code', 'reason', 'kind'],
  ['message', 'text', 'detail', 'msg', 'error'],
  ['optional', 'required', 'nullable', 'allow_missing'],
  ['attempts', 'max_attempts', 'maximum_attempts', 'maxAttempts', 'max', 'retries', 'limit'],
  ['first', 'initial', 'initial_interval', 'delay', 'backoff', 'interval', 'wait'],
  ['factor', 'backoff_coefficient', 'multiplier', 'exponent'],
  ['most', 'max_interval', 'maximum_interval', 'maxInterval', 'cap'],
  ['workflow', 'name', 'flow', 'title'],
  ['summary', 'description', 'title', 'about', 'doc'],
  ['owner', 'team', 'role', 'responsible', 'assignee'],
  ['ends_within', 'timeout', 'deadline', 'expires', 'within', 'time_limit', 'ttl', 'execution_timeout'],
  ['uses', 'connections', 'requires', 'needs', 'imports'],
  ['input', 'inputs', 'params', 'parameters', 'args', 'arguments'],
  ['output', 'outputs', 'result', 'returns', 'return'],
  ['steps', 'jobs', 'tasks', 'do', 'states', 'nodes', 'activities'],
  ['json', 'body', 'payload', 'data', 'form'],
  ['query', 'params', 'parameters', 'search', 'select', 'text', 'statement', 'sql'],
  ['execute', 'statement', 'command', 'exec'],
  ['returns', 'response', 'schema', 'gives'],
  ['expect', 'status', 'statuses', 'success', 'ok'],
  ['key', 'idempotency_key', 'idempotency', 'idempotent'],
];

/** The known key that means what an unknown one means. */
export function rightWord(key: string, known: readonly string[]): string | undefined {
  for (const group of GROUPS) {
    if (!group.includes(key)) continue;
    const right = group.find((word) => word !== key && known.includes(word));
    if (right !== undefined) return right;
  }
  return undefined;
}
