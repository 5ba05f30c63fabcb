/**
 * The outputs of several branches as one: what holds whichever of them was taken.
 *
 * PURE. A field is certain if every branch that can reach the end has it. Two types for one field are a problem; the
 * field then keeps the type that it has in the earlier branch, so that nothing else is reported because of it.
 */
import { unify } from '../expressions/fit.js';
import { AUTHOR, fieldWritten, joinWritten, writtenOf } from '../expressions/labels.js';
import { get } from '../plan/parsed.js';
import type { Parsed } from '../plan/parsed.js';
import type { Field, Type, Written } from '../plan/types.js';
import { describeType } from '../plan/types.js';
import type { CompileContext, CompiledBlock } from './kind.js';

export interface Branch {
  readonly parsed: Parsed;
  readonly block: CompiledBlock;
}

export interface Output extends Written {
  readonly type: Type;
  /** No branch reaches the end: what follows never runs. */
  readonly ends?: true;
}

/** Reports FIRN412 at the field of the later branch. */
export function joinOutputs(branches: readonly Branch[], context: CompileContext): Output {
  const reaching = branches.filter(({ block }) => !block.ends);
  const fields = new Map<string, Field>();
  for (const [index, { parsed, block }] of reaching.entries()) {
    const own = fieldsOf(block);
    for (const [name, field] of own) {
      const before = fields.get(name);
      const certain = field.presence === 'certain' && (index === 0 || before?.presence === 'certain');
      const joined = before === undefined ? field : joinFields(name, before, field, parsed, context);
      fields.set(name, { ...joined, presence: certain ? 'certain' : 'optional' });
    }
    for (const [name, field] of fields) {
      if (!own.has(name)) fields.set(name, { ...field, presence: 'optional' });
    }
  }
  const type: Type = { kind: 'map', fields };
  if (reaching.length === 0) return { type, label: 'definition', ends: true };
  return { type, ...joinWritten(...reaching.map(({ block }) => writtenOf(block))) };
}

/** The fields of a branch's output, each with the label of who wrote it. */
function fieldsOf(block: CompiledBlock): ReadonlyMap<string, Field> {
  const { type } = block;
  const fields = new Map<string, Field>();
  if (type.kind !== 'map') return fields;
  for (const [name, field] of type.fields) fields.set(name, { ...field, ...fieldWritten(field, writtenOf(block)) });
  return fields;
}

function joinFields(name: string, before: Field, field: Field, branch: Parsed, context: CompileContext): Field {
  const one = { ...fieldWritten(before, AUTHOR), type: before.type };
  const other = { ...fieldWritten(field, AUTHOR), type: field.type };
  const joined = unify(one, other);
  if (joined !== undefined) return { ...field, ...joined };
  const place = get(get(branch, 'output'), name) ?? branch;
  const message = `"${name}" is ${describeType(field.type)} here and ${describeType(before.type)} in another branch`;
  context.error('FIRN412', place, message, 'give the field one type in all branches, or another name here');
  return before;
}
