/** `sql`: what compiles, the exact problems of what does not, and what a step asks for. */
import { describe, expect, it } from 'vitest';
import { splitTemplate } from '../../language/expressions/template.js';
import type { Json } from '../../language/plan/json.js';
import type { Node } from '../../language/steps/index.js';
import { kindOf } from '../../language/steps/index.js';
import { readSql } from '../../language/steps/sql-text.js';
import { compileSteps, problemsOf } from './definitions.js';
import { fakeHost } from './fake-host.js';

type Case = readonly [name: string, statement: string, ...problems: RegExp[]];

function steps(kind: 'query' | 'execute', statement: string, rest = ''): string {
  return `- id: r\n  sql:\n    connection: shop\n    ${kind}: ${JSON.stringify(statement)}\n${rest.replace(/^(?=.)/gm, '    ')}`;
}

function check(kind: 'query' | 'execute', cases: readonly Case[]): void {
  it.each(cases.map((one) => ({ name: one[0], one })))('$name', ({ one: [, statement, ...problems] }) => {
    expect(problemsOf(steps(kind, statement))).toEqual(
      problems.map((problem): unknown => expect.stringMatching(problem)),
    );
  });
}

function nodeOf(text: string): Node {
  const { plan, problems } = compileSteps(text);
  const node = plan?.nodes.find(({ verb }) => verb === 'sql');
  if (node === undefined) throw new Error(JSON.stringify(problems));
  return node;
}

describe('query', () => {
  check('query', [
    ['a parameter', 'select id from orders where id = ${{ order.id }}'],
    ['a cast', 'select ${{ order.total }}::int as n'],
    ['a list', "select id from orders where id = any(${{ [order.id, 'x'] }})"],
    ['an instant', 'select id from orders where ordered_at < ${{ order.ordered_at }}'],
    [
      'quotes without expressions',
      `select 'it''s', E'a\\'b', "odd "" name", $$ body ' $$, $t$ $$ $t$ from orders where id = \${{ order.id }}`,
    ],
    [
      'comments without expressions',
      'select 1 -- a comment; drop\n /* another /* inner; */ one */ where id = ${{ order.id }}',
    ],
    ['texts joined in SQL', "select id from orders where id like '%' || ${{ order.id }} || '%'"],
    ['with', 'with o as (select 1) select * from o'],
    ['a column called update', 'select "update" from orders'],
    ['extract from', 'select extract(epoch from ${{ order.ordered_at }}::timestamptz)'],
    ['is distinct from', 'select id from orders where id is distinct from ${{ order.id }}'],
    ['a semicolon at the end', 'select 1 ; -- done'],
    [
      'in quotes',
      "select id from orders where id = '${{ order.id }}'",
      /^FIRN426 .*inside quotes.*leave the quotes away/,
    ],
    ['in a pattern', "select id from orders where id like '%${{ order.id }}%'", /^FIRN426 .*inside quotes/],
    ['in an escaped quote', "select E'\\'${{ order.id }}'", /^FIRN426 .*inside quotes/],
    ['in a quoted name', 'select "${{ order.id }}" from orders', /^FIRN426 .*inside quotes/],
    ['in dollar quotes', 'select $q$ ${{ order.id }} $q$', /^FIRN426 .*inside quotes/],
    ['in a comment', 'select 1 -- ${{ order.id }}', /^FIRN426 .*inside a comment/],
    ['in a block comment', 'select 1 /* /* */ ${{ order.id }} */', /^FIRN426 .*inside a comment/],
    ['in a name', 'select total_${{ order.id }} from orders', /^FIRN426 .*touches a name/],
    ['before a name', 'select ${{ order.id }}x', /^FIRN426 .*touches a name/],
    ['two in a row', 'select ${{ order.id }}${{ order.id }}', /^FIRN426 .*touches/],
    ['a table', 'select * from orders join ${{ order.id }} on true', /^FIRN426 behind "join"/],
    ['what to sort by', 'select * from orders order by ${{ order.id }}', /^FIRN426 behind "by".*sorting or grouping/],
    ['all computed', '${{ order.id }}', /^FIRN425 there is no statement .*never computed/],
    ['nothing', '-- nothing', /^FIRN425 there is no statement/],
    ['two statements', 'select 1; select 2', /^FIRN425 .*a second statement/],
    ['a hidden second one', 'select 1;/**/drop table orders', /^FIRN425 .*a second statement/],
    ['a parameter of its own', 'select $1', /^FIRN425 .*a parameter "\$1" of its own/],
    ['a quote that is not closed', "select 'a", /^FIRN425 a quote \('\) is opened/],
    ['a comment that is not closed', 'select 1 /* a', /^FIRN425 a comment/],
    ['a dollar quote that is not closed', 'select $a$ x', /^FIRN425 a quote \(\$a\$\)/],
    ['what changes rows', 'delete from orders', /^FIRN425 .*a `query` only reads \| write it under `execute`/],
    [
      'what changes rows inside',
      'with gone as (delete from orders returning id) select * from gone',
      /^FIRN425 .*only reads/,
    ],
    ['a map as a parameter', 'select ${{ order }}', /^FIRN209 "order" is map.*toJson\(order\)/],
    ['an absent value', 'select ${{ order.note }}', /^FIRN207/],
    [
      'problems of expressions at their places',
      'select ${{ ordr.id }}, ${{ order.idd }}',
      /^FIRN204 .*"ordr"/,
      /^FIRN205 .*"idd"/,
    ],
  ]);
  const words = [
    'begin',
    'COMMIT',
    'rollback',
    'create table x()',
    'drop table orders',
    'truncate orders',
    'set role x',
    'copy orders to stdout',
  ];
  it.each([...words, 'do $$ begin end $$', 'lock orders', 'grant all on orders to x', 'vacuum', 'explain select 1'])(
    '%s',
    (text) => {
      for (const kind of ['query', 'execute'] as const) {
        expect(problemsOf(steps(kind, text))).toEqual([
          expect.stringMatching(/^FIRN425 "[a-z]+" cannot begin the statement/),
        ]);
      }
    },
  );
  it('problems stand at the expression', () => {
    const text =
      "- id: r\n  sql:\n    connection: shop\n    query: |\n      select id\n      from orders where id = '${{ order.id }}'\n";
    const [problem] = compileSteps(text).problems.filter(({ code }) => code === 'FIRN426');
    expect(problem).toMatchObject({ column: 33, length: 15 });
  });
});

describe('execute', () => {
  check('execute', [
    ['insert', 'insert into refunds (order_id, amount) values (${{ order.id }}, ${{ order.total }})'],
    ['with', 'with o as (delete from orders returning id) insert into refunds (order_id) select id from o'],
    ['call', 'call close_day(${{ order.id }})'],
    ['a second statement', 'delete from orders; delete from refunds', /^FIRN425 .*second statement/],
    ['rows without `returns`', 'delete from orders returning id', /^FIRN302 .*`returns` does not say/],
    ['rows of a select', 'select close_day()', /^FIRN302 .*`returns` does not say/],
  ]);
  it('`returns` needs rows, and `limit` needs `returns`', () => {
    expect(problemsOf(steps('execute', 'delete from orders', 'returns: { id: string }'))).toEqual([
      expect.stringMatching(/^FIRN425 `returns` declares rows, and this statement gives none/),
    ]);
    expect(problemsOf(steps('execute', 'delete from orders', 'limit: 5'))).toEqual([
      expect.stringMatching(/^FIRN300 `limit` is for rows/),
    ]);
    expect(
      problemsOf(steps('execute', 'delete from orders returning id', 'returns: { id: string }\nlimit: 5')),
    ).toEqual([]);
    expect(problemsOf(steps('query', 'select 1', 'limit: 20000'))).toEqual([expect.stringMatching(/^FIRN319/)]);
  });
  it('says what it is', () => {
    expect(problemsOf('- sql: { connection: shop }\n')).toEqual([
      expect.stringMatching(/^FIRN302 `sql` does not say which/),
    ]);
    expect(problemsOf('- sql: { connection: shop, query: select 1, execute: select 1 }\n')).toEqual([
      expect.stringMatching(/^FIRN300 `query` and `execute` stand side by side/),
    ]);
    expect(problemsOf('- sql: { connection: registry, query: select 1 }\n')).toEqual([
      expect.stringMatching(/^FIRN424/),
    ]);
    expect(problemsOf('- sql: { connection: closed, query: select 1 }\n')).toEqual([expect.stringMatching(/^FIRN311/)]);
    expect(problemsOf('- sql: { connection: old, execute: delete from refunds }\n')).toEqual([
      expect.stringMatching(/^FIRN417 \(warning\)/),
    ]);
    expect(problemsOf('- sql: { connection: old, query: select 1 }\n')).toEqual([]);
  });
  it('can be undone; a query cannot', () => {
    const undo = '\n  undo: { sql: { connection: shop, execute: "delete from refunds where id = ${{ r.count }}" } }\n';
    expect(problemsOf(steps('execute', 'delete from orders') + undo)).toEqual([]);
    expect(problemsOf(steps('query', 'select 1') + undo)).toContainEqual(expect.stringMatching(/^FIRN408/));
  });
});

describe('the result', () => {
  const after = (statement: string, expression: string, returns = 'returns: { id: string, n?: integer }') =>
    problemsOf(`${steps('query', statement, returns)}\n- set: { x: "\${{ ${expression} }}" }\n`);
  it.each<readonly [expression: string, ...problems: RegExp[]]>([
    ['r[0].id'],
    ['r.map(row, row.id)'],
    ['r[0].n', /^FIRN207/],
    ['r[0].total', /^FIRN205/],
  ])('rows: %s', (expression, ...problems) => {
    expect(after('select 1', String(expression))).toEqual(
      problems.map((problem): unknown => expect.stringMatching(new RegExp(problem))),
    );
  });
  it('a change gives how many rows it met', () => {
    expect(problemsOf(`${steps('execute', 'delete from orders')}\n- set: { x: "\${{ r.count + 1 }}" }\n`)).toEqual([]);
  });
  it('rows are records, and none chooses who is told', () => {
    const tell = '- tell: { who: customer, to: "${{ r[0].id }}", text: Hi }\n';
    expect(problemsOf(`${steps('query', 'select 1', 'returns: { id: string }')}\n${tell}`)).toEqual([
      expect.stringMatching(/^FIRN407/),
    ]);
  });
});

describe('what is asked', () => {
  const values = { 'order.id': "'; drop table orders; --", 'order.total': 12.5, 'input.ids': ['a', 'b'] };
  const run = async (text: string, more: Readonly<Record<string, Json>> = {}) => {
    const { host, noted } = fakeHost({ values: { ...values, ...more }, answer: [] });
    const node = nodeOf(text);
    await kindOf(node).run(node, host);
    return noted.calls[0];
  };
  it('a query: constant text, bound values, no key', async () => {
    expect(
      await run(
        steps('query', 'select id from orders where id = ${{ order.id }} and total > ${{ order.total }}', 'limit: 7'),
      ),
    ).toEqual({
      ...{
        connection: 'shop',
        text: 'select id from orders where id = $1 and total > $2',
        values: [values['order.id'], 12.5],
      },
      ...{ write: false, returns: null, limit: 7, key: null },
    });
  });
  it('a change: its key, and what is approved', async () => {
    const text = steps('execute', 'update orders set total = ${{ order.total }} where id = ${{ order.id }}');
    const request = {
      ...{ connection: 'shop', text: 'update orders set total = $1 where id = $2', values: [12.5, values['order.id']] },
    };
    expect(await run(text)).toEqual({ ...request, write: true, returns: null, limit: null, key: 'prefix/here' });
    const node = nodeOf(text);
    const { host } = fakeHost({ values });
    expect(kindOf(node).request?.(node, (value) => host.evaluate(value))).toEqual(request);
  });
  it('a map is no parameter', async () => {
    const text = steps('query', 'select ${{ order.id }}');
    await expect(run(text, { 'order.id': { a: 1 } })).rejects.toMatchObject({ code: 'invalid' });
    await expect(run(text, { 'order.id': [{ a: 1 }] })).rejects.toMatchObject({ code: 'invalid' });
  });
  it('summaries show no values', () => {
    const node = nodeOf(steps('query', 'select id from orders where id = ${{ order.id }} and total > 3'));
    expect(kindOf(node).summarize(node)).toBe('query shop: select id from orders where id = $1 …');
  });
});

describe('whatever an author writes is read', () => {
  it.each([
    "'",
    '"',
    '$',
    '$$',
    '/*',
    '*/',
    '--',
    ';',
    "E'\\",
    '${{ a }}',
    '\uFFFC',
    '\u0000',
    'é\u{1F600}',
    '$a',
    '(((',
    ')))',
  ])('%j', (piece) => {
    for (const text of [piece, `select ${piece}`, `${piece}${piece}`, `select ${piece} from x`]) {
      const template = splitTemplate(text);
      expect(() => readSql(template)).not.toThrow();
    }
  });
});
