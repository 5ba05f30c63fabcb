/**
 * `firn connections introspect`: reads what a database has, and writes the columns document of it.
 *
 * HOST. Reads the catalogue only, never a row. Columns of types that definitions have no value for are left out and
 * named in a comment, so that nobody looks for them in vain.
 */
import { Document, isMap, isSeq } from 'yaml';
import { columnType } from './columns.js';
import { naming } from './door.js';
import type { Door } from './door.js';

interface CatalogueRow {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: boolean;
  readonly key: boolean;
  /** Labels of an enum type, in their order. */
  readonly labels: readonly string[] | null;
  /** Definitions of the checks on this column alone. */
  readonly checks: readonly string[] | null;
}

const CATALOGUE = `
  select c.relname::text as table, a.attname::text as column,
    pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid),
      case when t.typbasetype = 0 then a.atttypmod else t.typtypmod end) as type,
    not a.attnotnull as nullable,
    a.atthasdef or a.attidentity <> '' or a.attgenerated <> '' as default,
    coalesce(a.attnum = any(p.conkey), false) as key,
    (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_catalog.pg_enum e
      where e.enumtypid = coalesce(nullif(t.typbasetype, 0), a.atttypid)) as labels,
    (select array_agg(pg_catalog.pg_get_constraintdef(k.oid)) from pg_catalog.pg_constraint k
      where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]) as checks
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_constraint p on p.conrelid = c.oid and p.contype = 'p'
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and c.relname not like 'firn\\_%'
    and case when $1::text is null
      then pg_catalog.pg_table_is_visible(c.oid) and n.nspname not in ('pg_catalog', 'information_schema')
      else n.nspname = $1 end
  order by c.relname, a.attnum`;

/** The columns document as YAML text. */
export async function introspect(door: Door): Promise<string> {
  const rows = await naming(door, door.name, async () => {
    const result = await door.pool.query<CatalogueRow>(CATALOGUE, [door.tableSchema ?? null]);
    return result.rows;
  });
  return columnsDocument(door.name, rows);
}

function columnsDocument(connection: string, rows: readonly CatalogueRow[]): string {
  const tables = new Map<string, CatalogueRow[]>();
  for (const row of rows) tables.set(row.table, [...(tables.get(row.table) ?? []), row]);
  const document = new Document({ connection, tables: Object.fromEntries([...tables].map(tableEntry)) });
  document.commentBefore =
    ` Written by \`firn connections introspect ${connection}\`.` +
    ' Committed, so that definitions are checked without a database.';
  for (const [table, all] of tables) {
    const columns = document.getIn(['tables', table, 'columns']);
    if (!isMap(columns)) continue;
    for (const { value } of columns.items) if (isMap(value)) value.flow = true;
    const key = document.getIn(['tables', table, 'primary_key']);
    if (isSeq(key)) key.flow = true;
    const left = all.filter((row) => columnEntry(row) === undefined).map((row) => `${row.column} (${row.type})`);
    if (left.length > 0) columns.commentBefore = ` left out, for their types: ${left.join(', ')}`;
  }
  return document.toString({ lineWidth: 0 });
}

function tableEntry([table, rows]: readonly [string, readonly CatalogueRow[]]): readonly [string, object] {
  const columns = rows.flatMap((row) => {
    const column = columnEntry(row);
    return column === undefined ? [] : [[row.column, column] as const];
  });
  const key = rows.filter((row) => row.key).map((row) => row.column);
  return [table, { ...(key.length === 0 ? {} : { primary_key: key }), columns: Object.fromEntries(columns) }];
}

/** What the document says of a column; undefined when definitions have no value for its type. */
function columnEntry(row: CatalogueRow): object | undefined {
  const type = row.labels === null ? shortType(row.type) : 'text';
  if (columnType(type) === undefined) return undefined;
  const values = row.labels ?? row.checks?.map(valuesOfCheck).find((list) => list !== undefined);
  return {
    type,
    ...(values === undefined ? {} : { values }),
    ...(row.nullable ? { nullable: true } : {}),
    ...(row.default ? { default: true } : {}),
  };
}

/** The short names that people use; all others stay as PostgreSQL gives them. */
function shortType(type: string): string {
  return type
    .replace('character varying', 'varchar')
    .replace(/^timestamp(\(\d\))? with time zone/, 'timestamptz$1')
    .replace(/^timestamp(\(\d\))? without time zone/, 'timestamp$1');
}

const CHECK_IN = /^CHECK \(+(?:"(?:[^"]|"")+"|\w+)\)?(?:::[a-z ]+)? = ANY \(+ARRAY\[(.*?)\]\)?(?:::[a-z ]+\[\])?\)+$/s;
const QUOTED = /^\s*'((?:[^']|'')*)'(?:::[a-z ]+)?\s*(?:,|$)/;

/** The texts of a check that says no more than `column in ('a', 'b')`; undefined for any other. */
export function valuesOfCheck(definition: string): readonly string[] | undefined {
  let rest = CHECK_IN.exec(definition)?.[1];
  const values: string[] = [];
  while (rest !== undefined && rest !== '') {
    const match = QUOTED.exec(rest);
    if (match === null) return undefined;
    values.push((match[1] ?? '').replaceAll("''", "'"));
    rest = rest.slice(match[0].length);
  }
  return rest === undefined ? undefined : values;
}
