/**
 * Definitions around the steps under test, compiled by the real compiler.
 *
 * TEST.
 */
import { compile } from '../../language/compiler/compile.js';
import type { Column, Connection, Project, Table } from '../../language/plan/project.js';
import type { Type } from '../../language/plan/types.js';
import { NUMBER, TEXT, TIMESTAMP, enumeration } from '../../language/plan/types.js';

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

const PROJECT: Project = {
  name: 'test',
  connections: new Map([
    ['shop', shop],
    ['old', old],
    ['closed', shop],
  ]),
  roles: new Map([['returns-desk', { people: ['maria'], channel: 'desk' }]]),
  channels: new Set(['console', 'desk']),
  workflows: new Set(['example']),
};

const POLICY = `policy: returns
versions:
  - { id: "2025-06", from: 2025-06-01T00:00:00Z, values: { window: 30d, days: 30 } }
  - { id: "2024", from: 2024-01-01T00:00:00Z, until: 2025-06-01T00:00:00Z, values: { window: 14d, days: 14 } }
`;

const HEADER = `workflow: example
summary: An example
owner: returns-desk
ends_within: 5d
uses: [shop, old]
policies: { returns: ./returns.policy.yaml }
input:
  order_id: string
  message?: { type: string, maxLength: 2000 }
  story?: string
  email?: string
  due?: date-time
  reason?: [damaged, not_arrived]
  lines?: [{ order_id: string, amount: number }]
  odd?: [{ order_id: string, colour?: string }]
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
  const { plan, problems } = compile({ file, text: HEADER + indented, project: PROJECT, policies });
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
