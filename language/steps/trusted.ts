/**
 * Trusted columns stay trusted: what firn.yaml lists as such may be written from the definition, from other trusted columns
 * and by persons, and never from outside. Else a flow could write an address there and another one send to it.
 *
 * PURE. Looks at one definition; as every definition of a project is compiled against the same firn.yaml, none of them can
 * launder a value for another.
 */
import { fieldWritten, wholeWritten } from '../expressions/labels.js';
import type { Parsed } from '../plan/parsed.js';
import type { Database } from '../plan/project.js';
import type { Field, Label, Written } from '../plan/types.js';
import { entriesOf } from './bodies.js';
import type { CompileContext } from './kind.js';
import { wayOf, WRITERS } from './sources.js';
import type { TableUse } from './tables.js';

const MAY_BE_WRITTEN: readonly Label[] = ['definition', 'trusted', 'person'];

/** FIRN451: fields of a written row that would bring what an outsider wrote into a trusted column. */
export function checkTrusted(
  row: Parsed,
  fields: ReadonlyMap<string, Field>,
  around: Written,
  { name, table }: TableUse,
  context: CompileContext,
): void {
  for (const [column, field] of fields) {
    if (table.columns.get(column)?.trusted !== true) continue;
    const by = wholeWritten(field.type, fieldWritten(field, around));
    if (MAY_BE_WRITTEN.includes(by.label)) continue;
    const at = entriesOf(row).find(({ key }) => key === column)?.value ?? row;
    const way = wayOf(by, `${name}.${column}`);
    const message = `firn.yaml lists ${name}.${column} as trusted, and this value is ${WRITERS[by.label]} (${way})`;
    const hint = `take "${column}" out of \`trusted\` in firn.yaml, or write what the definition, a trusted column or a person gives`;
    context.error('FIRN451', at, message, hint);
  }
}

/** FIRN452: a statement that names trusted columns of a table, or writes whole rows; with what, cannot be seen from here. */
export function warnUnseen(
  place: Parsed,
  text: string,
  { name, connection }: { readonly name: string; readonly connection: Database },
  context: CompileContext,
): void {
  const words = new Set(text.toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? []);
  const whole = /\binto\s+[\w."]+\s+(values|select|with|table)\b/i.test(text);
  for (const [table, { columns }] of connection.tables) {
    const trusted = [...columns].flatMap(([column, { trusted: listed }]) => (listed ? [column] : []));
    const bare = table.split('.').at(-1) ?? table;
    const written = whole ? trusted : trusted.filter((column) => words.has(column.toLowerCase()));
    if (written.length === 0 || !words.has(bare.toLowerCase())) continue;
    const message = `firn.yaml lists ${written.join(', ')} of ${name}.${table} as trusted, and nobody can see what this statement writes there`;
    const hint =
      'write rows with `create` or `update`, where each value is checked; or make sure that no value from outside gets there';
    context.warning('FIRN452', place, message, hint);
  }
}
