/**
 * `use`: asks an activity that an application registers, or a tool of an MCP connection.
 *
 * PURE. What may be used, what it takes and what it gives is declared: by the application's module, or by the committed
 * tools file. The definition names it and writes the arguments out; only their values may be computed, so that no text
 * from outside ever chooses what is done. What comes back was written by another system unless it is declared trusted.
 */
import type { UseCall } from '../plan/calls.js';
import type { Json } from '../plan/json.js';
import { entry, get } from '../plan/parsed.js';
import type { Parsed, ParsedMap } from '../plan/parsed.js';
import type { NodeBase, Value } from '../plan/plan.js';
import type { Callable } from '../plan/project.js';
import { holdsExpression, keyPlace, mapFrom, textOf } from './bodies.js';
import type { CompileContext, StepKind } from './kind.js';
import { sayMap } from './said.js';

export interface UseNode extends NodeBase {
  readonly verb: 'use';
  /** `name` of an application's activity, or `server.tool`. */
  readonly activity: string;
  readonly with: Value;
  readonly effect: Callable['effect'];
}

export const use: StepKind<'use', UseNode> = {
  verb: 'use',
  about: 'Asks an activity that an application registers, or a tool of an MCP connection.',
  result:
    'What the activity or tool declares that it gives; of a tool that declares nothing, what it answers, or `{text}`. A tool that says no is failure `rejected`.',
  effect: ({ effect }) => (effect === 'read' ? 'read' : 'write'),
  schema: {
    type: 'object',
    properties: {
      activity: {
        type: 'string',
        minLength: 1,
        maxLength: 200,
        description: 'an activity of the application by its name, or a tool as `connection.tool`',
      },
      with: {
        type: 'object',
        additionalProperties: { $comment: 'value' },
        description: 'what it is asked with: names with values',
      },
    },
    required: ['activity'],
    additionalProperties: false,
  },
  example: `- id: parcel
  use: { activity: track_parcel, with: { order_id: "\${{ order.id }}" } }
`,
  compile(body, context, step) {
    const place = get(body, 'activity');
    const name = textOf(place);
    if (place === undefined || name === undefined) return undefined;
    const found = findCallable(place, name, context);
    if (found?.effect === 'once') refuseRetry(step, name, context);
    const given = get(body, 'with') ?? { is: 'map', entries: [], at: place.at, path: `${body.path}.with` };
    const expected = found?.takes ?? { kind: 'any' };
    const compiled = context.value(given, expected, { absentKeys: true });
    if (found === undefined || compiled === undefined) return undefined;
    const once = found.effect === 'once' ? ({ once: true } as const) : {};
    const node = { verb: 'use', activity: name, with: compiled.value, effect: found.effect, ...once } as const;
    const label = found.trusted ? 'definition' : 'outside';
    return { node, type: found.gives, label, ...(found.effect === 'read' ? {} : { silent: true }) };
  },
  async run(node, host) {
    const request = requestOf(node, (value) => host.evaluate(value));
    const call: UseCall = { ...request, effect: node.effect, key: host.key };
    return { kind: 'value', value: await host.call(call) };
  },
  request: requestOf,
  settle: ({ activity, effect }, input) => ({
    connection: activity.split('.')[0] ?? activity,
    request: { activity, with: input['with'] ?? {}, effect },
  }),
  summarize: ({ activity }) => `use ${activity}`,
  say: sayMap,
};

function requestOf(node: UseNode, evaluate: (value: Value) => Json) {
  return { activity: node.activity, with: mapFrom(evaluate(node.with), 'with') };
}

/** Problems: FIRN300, 311, 424, 430. */
function findCallable(place: Parsed, name: string, context: CompileContext): Callable | undefined {
  if (holdsExpression(name)) {
    const hint = 'write it out; where it depends on a value, use a `switch`';
    context.error('FIRN300', place, 'what is used is named by the definition and never computed', hint);
    return undefined;
  }
  const dot = name.indexOf('.');
  if (dot >= 0) return findTool(place, name.slice(0, dot), name.slice(dot + 1), context);
  const activity = context.project.activities.get(name);
  if (activity === undefined) unknownActivity(place, name, context);
  return activity;
}

function unknownActivity(place: Parsed, name: string, context: CompileContext): void {
  const { activities, connections } = context.project;
  if (connections.get(name)?.kind === 'mcp') {
    context.error('FIRN430', place, `"${name}" is a connection`, `name one of its tools: ${name}.tool`);
  } else if (activities.size > 0) {
    context.unknown('FIRN430', place, 'activity', name, activities.keys());
  } else {
    const hint = 'export it with `defineActivity` from a module that firn.yaml names under `activities`';
    context.error('FIRN430', place, `there is no activity "${name}": this project registers none`, hint);
  }
}

function findTool(place: Parsed, server: string, tool: string, context: CompileContext): Callable | undefined {
  const { connections } = context.project;
  const connection = connections.get(server);
  if (connection === undefined) {
    context.unknown('FIRN311', place, 'connection', server, connections.keys());
    return undefined;
  }
  if (connection.kind !== 'mcp') {
    const servers = [...connections].flatMap(([name, { kind }]) => (kind === 'mcp' ? [name] : []));
    const hint =
      servers.length === 0 ? 'a connection with `mcp:` has tools' : `connections with tools: ${servers.join(', ')}`;
    context.error('FIRN424', place, `the connection "${server}" has no tools to use`, hint);
    return undefined;
  }
  if (!context.uses.has(server)) {
    const message = `this definition may not touch the connection "${server}": \`uses\` does not list it`;
    context.error('FIRN311', place, message, `add ${server} to \`uses\` at the top of the definition`);
  }
  const callable = connection.tools.get(tool);
  if (callable === undefined) context.unknown('FIRN430', place, `tool of ${server}`, tool, connection.tools.keys());
  return callable;
}

function refuseRetry(step: ParsedMap, name: string, context: CompileContext): void {
  const retry = entry(step, 'retry');
  if (retry === undefined) return;
  const message = `"${name}" is asked once: nobody could tell whether a second attempt would do it twice`;
  context.error(
    'FIRN431',
    keyPlace(step, retry),
    message,
    'take `retry` out; when it fails, a person or a `catch` decides',
  );
}
