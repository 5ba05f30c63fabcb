/**
 * The project that the compiler's tests compile against: one shop with orders and refunds.
 */
import type { Column, Project, Table } from '../../language/plan/project.js';
import { NUMBER, TEXT, TIMESTAMP, enumeration } from '../../language/plan/types.js';
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
  connections: new Map([
    [
      'log',
      {
        kind: 'postgres',
        tables: new Map([['lines', { columns: new Map([['text', column(TEXT)]]), primaryKey: [] }]]),
        effects: 'none',
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
  ]),
  roles: new Map([
    ['returns-desk', { people: ['maria'], channel: 'desk' }],
    ['support', { people: ['jo'], channel: undefined }],
  ]),
  channels: new Set(['console', 'desk']),
  workflows: new Set(['refund']),
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
