/**
 * Definitions around the steps under test, compiled by the real compiler.
 *
 * TEST.
 */
import { compile } from '../../language/compiler/compile.js';
import type { Callable, Callee, Column, Connection, Project, Table } from '../../language/plan/project.js';
import type { Type } from '../../language/plan/types.js';
import { NUMBER, TEXT, TIMESTAMP, enumeration, mapOf, optional } from '../../language/plan/types.js';

function column(type: Type, extra: Partial<Column> = {}): Column {
  return { type, nullable: false, hasDefault: false, trusted: false, ...extra };
}

function table(columns: Readonly<Record<string, Column>>): Table {
  return { columns: new Map(Object.entries(columns)), primaryKey: ['id'] };
}

const orders = table({
  id: column(TEXT),
  email: column(TEXT, { trusted: true }),
  note: column(TEXT, { nullable: true }),
  status: column(enumeration(['processing', 'delivered', 'refunded'])),
  total: column(NUMBER),
  ordered_at: column(TIMESTAMP),
  delivered_at: column(TIMESTAMP, { nullable: true }),
});

const refunds = table({
  id: column({ kind: 'number', whole: true }, { hasDefault: true }),
  order_id: column(TEXT),
  amount: column(NUMBER),
  reason: column(TEXT, { nullable: true }),
});

const shop: Connection = {
  kind: 'postgres',
  effects: 'exactly-once',
  tables: new Map([
    ['orders', orders],
    ['refunds', refunds],
  ]),
};
const old: Connection = { kind: 'postgres', effects: 'none', tables: new Map([['refunds', refunds]]) };

function callable(effect: Callable['effect'], takes: Type, gives: Type, trusted = false): Callable {
  return { about: 'An example', takes, gives, schema: { type: 'object' }, effect, trusted };
}

const parcel = mapOf({ order_id: TEXT, carrier: optional(enumeration(['dhl', 'post'])) });
const whereabouts = mapOf({ place: TEXT, arrives: optional(TIMESTAMP) });
const activities = new Map<string, Callable>([
  ['track_parcel', callable('read', parcel, whereabouts)],
  ['find_address', callable('read', mapOf({ order_id: TEXT }), mapOf({ email: TEXT }), true)],
  ['charge_card', callable('repeatable', mapOf({ amount: NUMBER }), mapOf({ charge: TEXT }))],
  ['ring_bell', callable('once', mapOf({}), { kind: 'any' })],
]);
const tools: Connection = {
  kind: 'mcp',
  tools: new Map([
    ['create_ticket', callable('once', mapOf({ title: TEXT }), mapOf({ text: TEXT }))],
    ['find.ticket', callable('read', mapOf({ id: TEXT }), mapOf({ text: TEXT }))],
  ]),
};

const PROJECT: Project = {
  name: 'test',
  connections: new Map<string, Connection>([
    ['shop', shop],
    ['old', old],
    ['closed', shop],
    ['registry', { kind: 'http' }],
    ['tools', tools],
    ['locked_tools', tools],
  ]),
  roles: new Map([['returns-desk', { people: ['maria'], channel: 'desk' }]]),
  channels: new Set(['console', 'desk']),
  activities,
  workflows: new Set(['example', 'refund', 'note']),
};

const REFUND: Callee = {
  name: 'refund',
  hash: 'f'.repeat(64),
  takes: mapOf({ order_id: TEXT, note: optional(TEXT) }),
  gives: mapOf({ refund: NUMBER }),
  ends_within_ms: 86_400_000,
  fails: ['bad_order'],
};
const NOTE: Callee = { ...REFUND, name: 'note', gives: mapOf({ text: TEXT, amount: NUMBER }), fails: [] };
const callees = (name: string): Callee | undefined => [REFUND, NOTE].find((callee) => callee.name === name);

const POLICY = `policy: returns
versions:
  - { id: "2025-06", from: 2025-06-01T00:00:00Z, values: { window: 30d, days: 30 } }
  - { id: "2024", from: 2024-01-01T00:00:00Z, until: 2025-06-01T00:00:00Z, values: { window: 14d, days: 14 } }
`;

const HEADER = `workflow: example
summary: An example
owner: returns-desk
ends_within: 5d
uses: [shop, old, tools, registry]
policies: { returns: ./returns.policy.yaml }
input:
  order_id: string
  message?: { type: string, maxLength: 2000 }
  story?: string
  email?: string
  due?: date-time
  reason?: [damaged, not_arrived]
  lines?: [{ order_id: { type: string, maxLength: 20 }, amount: number }]
  odd?: [{ order_id: { type: string, maxLength: 20 }, colour?: { type: string, maxLength: 20 } }]
steps:
`;

const ORDER = `- id: order
  read: { from: shop.orders, where: { id: "\${{ input.order_id }}" } }
`;

/** Compiles these steps, behind one that reads `order` unless they define it themselves. */
export function compileSteps(steps: string) {
  const all = /^- id: order$/m.test(steps) ? steps : ORDER + steps;
  const indented = all.replace(/^(?=.)/gm, '  ');
  const file = 'definitions/example/example.flow.yaml';
  const policies = (path: string) => (path === 'definitions/example/returns.policy.yaml' ? POLICY : undefined);
  const { plan, problems } = compile({ file, text: HEADER + indented, project: PROJECT, policies, callees });
  return { plan, problems };
}

/** Codes and messages, but for results that nobody reads: most of these steps are alone. */
export function problemsOf(steps: string): readonly string[] {
  return compileSteps(steps)
    .problems.filter(({ code }) => code !== 'FIRN410')
    .map(
      ({ code, severity, message, hint }) =>
        `${code}${severity === 'warning' ? ' (warning)' : ''} ${message}${hint === undefined ? '' : ` | ${hint}`}`,
    );
}
