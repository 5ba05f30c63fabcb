/**
 * The project that the compiler's tests compile against: one shop with orders and refunds.
 */
import type { Callee, Column, Connection, Project, Table } from '../../language/plan/project.js';
import { NUMBER, TEXT, TIMESTAMP, enumeration, mapOf } from '../../language/plan/types.js';
import type { Type } from '../../language/plan/types.js';

function column(type: Type, options: Partial<Column> = {}): Column {
  return { type, nullable: false, hasDefault: false, trusted: false, ...options };
}

const orders: Table = {
  columns: new Map([
    ['id', column(TEXT)],
    ['email', column(TEXT, { trusted: true })],
    ['status', column(enumeration(['processing', 'shipped', 'delivered']))],
    ['total', column(NUMBER)],
    ['ordered_at', column(TIMESTAMP)],
    ['delivered_at', column(TIMESTAMP, { nullable: true })],
    ['note', column(TEXT, { nullable: true })],
  ]),
  primaryKey: ['id'],
};

const refunds: Table = {
  columns: new Map([
    ['id', column({ kind: 'number', whole: true }, { hasDefault: true })],
    ['order_id', column(TEXT)],
    ['amount', column(NUMBER)],
    ['reason', column(TEXT)],
  ]),
  primaryKey: ['id'],
};

export const PROJECT: Project = {
  name: 'firn',
  connections: new Map<string, Connection>([
    [
      'log',
      {
        kind: 'postgres',
        tables: new Map([['lines', { columns: new Map([['text', column(TEXT)]]), primaryKey: [] }]]),
        effects: 'none',
      },
    ],
    [
      'tools',
      {
        kind: 'mcp',
        tools: new Map([
          [
            'create_ticket',
            {
              about: 'Creates a ticket',
              takes: mapOf({ title: TEXT }),
              gives: mapOf({ text: TEXT }),
              schema: { type: 'object' },
              effect: 'once' as const,
              trusted: false,
            },
          ],
        ]),
      },
    ],
    [
      'shop',
      {
        kind: 'postgres',
        tables: new Map([
          ['orders', orders],
          ['refunds', refunds],
        ]),
        effects: 'exactly-once',
      },
    ],
    ['registry', { kind: 'http' }],
  ]),
  roles: new Map([
    ['returns-desk', { people: ['maria'], channel: 'desk' }],
    ['support', { people: ['jo'], channel: undefined }],
  ]),
  channels: new Set(['console', 'desk']),
  activities: new Map([
    [
      'track_parcel',
      {
        about: 'Where a parcel is',
        takes: mapOf({ order_id: TEXT }),
        gives: mapOf({ place: TEXT }),
        schema: { type: 'object' },
        effect: 'read',
        trusted: false,
      },
    ],
  ]),
  workflows: new Set(['refund', 'remind']),
};

/** A workflow that others call: it takes long, a text of limited length, and asks a model at most twice. */
export const REMIND: Callee = {
  name: 'remind',
  hash: 'e'.repeat(64),
  takes: mapOf({ text: { kind: 'text', maxLength: 10_000 } }),
  gives: mapOf({ said: { kind: 'text', maxLength: 100 } }),
  ends_within_ms: 3 * 86_400_000,
  fails: [],
};

export const RETURNS_POLICY = `policy: returns
versions:
  - id: returns-2025
    from: 2025-01-01
    until: 2026-01-01
    values: { window: 14d, no_questions_below: 20, text: Returns are accepted within 14 days }
  - id: returns-2026
    from: 2026-01-01
    values: { window: 30d, no_questions_below: 50, text: Returns are accepted within 30 days }
`;
