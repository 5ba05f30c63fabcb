/** The columns document: what introspection writes, and what reading it gives or refuses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matching } from '../real/expecting.js';
import { parse } from 'yaml';
import { columnType, readColumns } from '../../connections/columns.js';
import type { Door } from '../../connections/door.js';
import { introspect, valuesOfCheck } from '../../connections/introspect.js';
import { ANY, BOOLEAN, enumeration, listOf, NUMBER, TEXT, TIMESTAMP } from '../../language/plan/types.js';
import type { Type } from '../../language/plan/types.js';
import { startPostgres } from '../real/postgres.js';
import type { TestPostgres } from '../real/postgres.js';
import { openShop } from '../real/shop.js';

const WHOLE: Type = { kind: 'number', whole: true };

describe('introspect', () => {
  let postgres: TestPostgres;
  let shop: Door;
  beforeAll(async () => {
    postgres = await startPostgres();
    shop = await openShop(postgres.url);
  });
  afterAll(async () => {
    await shop.pool.end();
    await postgres.stop();
  });

  it('writes what the database has, and reading it back has no problem', async () => {
    const text = await introspect(shop);
    expect(text).toMatchInlineSnapshot(`
      "# Written by \`firn connections introspect shop\`. Committed, so that definitions are checked without a database.

      connection: shop
      tables:
        counters:
          primary_key: [ id ]
          columns:
            id: { type: text }
            n: { type: integer, default: true }
        odd:
          primary_key: [ id ]
          columns:
            # left out, for their types: moods (mood[]), raw (bytea)
            id: { type: integer }
            big: { type: bigint, nullable: true }
            exact: { type: numeric, nullable: true }
            money: { type: double precision, nullable: true }
            at: { type: timestamp, nullable: true }
            day: { type: date, nullable: true }
            flags: { type: "boolean[]", nullable: true }
            words: { type: "text[]", nullable: true }
            doc: { type: jsonb, nullable: true }
            who: { type: uuid, nullable: true }
            span: { type: interval, nullable: true }
        open_orders:
          columns:
            id: { type: text, nullable: true }
            total: { type: "numeric(12,2)", nullable: true }
        orders:
          primary_key: [ id ]
          columns:
            id: { type: text }
            status: { type: text, values: [ processing, delivered ] }
            total: { type: "numeric(12,2)" }
            email: { type: varchar(80), nullable: true }
            mood: { type: text, values: [ calm, cross ], nullable: true }
            delivered_at: { type: timestamptz, nullable: true }
            created_at: { type: timestamptz, default: true }
        refunds:
          primary_key: [ id ]
          columns:
            id: { type: bigint, default: true }
            order_id: { type: text }
            amount: { type: "numeric(12,2)" }
            reason: { type: text, nullable: true }
      "
    `);
    const { tables, problems } = readColumns(parse(text), { orders: ['email'] });
    expect(problems).toEqual([]);
    expect([...tables.keys()]).toEqual(['counters', 'odd', 'open_orders', 'orders', 'refunds']);
    expect(Object.fromEntries(tables.get('orders')?.columns ?? [])).toEqual({
      id: { type: TEXT, nullable: false, hasDefault: false, trusted: false },
      status: { type: enumeration(['processing', 'delivered']), nullable: false, hasDefault: false, trusted: false },
      total: { type: NUMBER, nullable: false, hasDefault: false, trusted: false },
      email: { type: { kind: 'text', maxLength: 80 }, nullable: true, hasDefault: false, trusted: true },
      mood: { type: enumeration(['calm', 'cross']), nullable: true, hasDefault: false, trusted: false },
      delivered_at: { type: TIMESTAMP, nullable: true, hasDefault: false, trusted: false },
      created_at: { type: TIMESTAMP, nullable: false, hasDefault: true, trusted: false },
    });
  });
});

describe('checks', () => {
  const checks: [definition: string, values: string[] | undefined][] = [
    ["CHECK ((status = ANY (ARRAY['a'::text, 'b'::text])))", ['a', 'b']],
    [
      "CHECK (((kind)::text = ANY ((ARRAY['a'::character varying, 'it''s, b'::character varying])::text[])))",
      ['a', "it's, b"],
    ],
    ['CHECK (("Kind" = ANY (ARRAY[\'a\'::text])))', ['a']],
    ['CHECK ((n = ANY (ARRAY[1, 2])))', undefined],
    ["CHECK (((status = ANY (ARRAY['a'::text])) AND (n > 0)))", undefined],
    ['CHECK ((amount > (0)::numeric))', undefined],
  ];
  it.each(checks)('%s', (definition, values) => {
    expect(valuesOfCheck(definition)).toEqual(values);
  });
});

describe('types', () => {
  const types: [written: string, type: Type | undefined][] = [
    ['text', TEXT],
    ['character varying(80)', { kind: 'text', maxLength: 80 }],
    ['varchar', TEXT],
    ['numeric(12,2)', NUMBER],
    ['numeric(12)', WHOLE],
    ['numeric', NUMBER],
    ['bigint', WHOLE],
    ['timestamp(3) with time zone', TIMESTAMP],
    ['timestamptz', TIMESTAMP],
    ['date', TIMESTAMP],
    ['boolean', BOOLEAN],
    ['jsonb', ANY],
    ['text[]', listOf(TEXT)],
    ['integer[][]', listOf(listOf(WHOLE))],
    ['bytea', undefined],
    ['int4range', undefined],
  ];
  it.each(types)('%s', (written, type) => {
    expect(columnType(written)).toEqual(type);
  });
});

describe('problems of the document', () => {
  const columns = (column: unknown) => ({ tables: { t: { columns: { id: { type: 'text' }, c: column } } } });
  const problems: [document: unknown, trusted: Record<string, string[]>, path: string, words: RegExp][] = [
    [undefined, {}, '', /a map `tables` is needed here; it is written by/],
    [[], {}, '', /a map `tables`/],
    [{ tables: [] }, {}, 'tables', /a map `tables`/],
    [{ tables: { t: 1 } }, {}, 'tables.t', /needs a map `columns`/],
    [columns({}), {}, 'tables.t.columns.c', /needs a `type`/],
    [columns({ type: 'bytea' }), {}, 'tables.t.columns.c.type', /"bytea" is a type for which/],
    [columns({ type: 'text', nulable: true }), {}, 'tables.t.columns.c.nulable', /"nulable" is not known here/],
    [columns({ type: 'text', nullable: 'yes' }), {}, 'tables.t.columns.c.nullable', /true or false/],
    [columns({ type: 'text', values: 'a' }), {}, 'tables.t.columns.c.values', /a list of texts/],
    [columns({ type: 'text', values: ['a', 1] }), {}, 'tables.t.columns.c.values', /a list of texts/],
    [columns({ type: 'text' }), { t: ['nope'] }, 'tables.t.columns.nope', /"t" does not have; its columns: id, c/],
    [columns({ type: 'text' }), { nope: ['a'] }, 'tables.nope', /"nope", which is not here; its tables: t/],
    [{ tables: { t: { primary_key: ['x'], columns: {} } } }, {}, 'tables.t.primary_key', /"x" is no column/],
  ];
  it.each(problems)('%j %j', (document, trusted, path, words) => {
    expect(readColumns(document, trusted).problems).toEqual([{ path, message: matching(words) }]);
  });
});
