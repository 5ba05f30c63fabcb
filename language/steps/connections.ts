/**
 * Connections in the words of the verbs: the one that a step names, of the kind that its verb needs.
 *
 * PURE. A connection is named by the definition and never computed: nobody outside may choose where something is sent.
 */
import type { Parsed } from '../plan/parsed.js';
import type { Connection } from '../plan/project.js';
import { holdsExpression, textOf } from './bodies.js';
import type { CompileContext } from './kind.js';

type KindOf = Connection['kind'];
type OfKind<Kind extends KindOf> = Extract<Connection, { readonly kind: Kind }>;

const WORDS: Readonly<Record<KindOf, { readonly is: string; readonly verbs: string }>> = {
  postgres: { is: 'a database', verbs: '`read`, `list`, `create`, `update`, `delete` and `sql`' },
  http: { is: 'an HTTP service', verbs: '`http`' },
  mcp: { is: 'a server of tools', verbs: '`use`' },
};

export interface ConnectionUse<Kind extends KindOf> {
  readonly name: string;
  readonly connection: OfKind<Kind>;
}

/** The connection of a step whose body has a `connection`. */
export function compileConnection<Kind extends KindOf>(
  parsed: Parsed | undefined,
  kind: Kind,
  context: CompileContext,
): ConnectionUse<Kind> | undefined {
  const name = textOf(parsed);
  if (parsed === undefined || name === undefined) return undefined;
  if (holdsExpression(name)) {
    const hint = 'write it out; where the connection depends on a value, use a `switch`';
    context.error('FIRN300', parsed, 'a connection is named by the definition and never computed', hint);
    return undefined;
  }
  return findConnection(parsed, name, kind, context);
}

/** Problems: FIRN311, FIRN424. */
export function findConnection<Kind extends KindOf>(
  parsed: Parsed,
  name: string,
  kind: Kind,
  context: CompileContext,
): ConnectionUse<Kind> | undefined {
  const connection = context.project.connections.get(name);
  if (connection === undefined) {
    context.unknown('FIRN311', parsed, 'connection', name, context.project.connections.keys());
    return undefined;
  }
  if (!context.uses.has(name)) {
    const message = `this definition may not touch the connection "${name}": \`uses\` does not list it`;
    context.error('FIRN311', parsed, message, `add ${name} to \`uses\` at the top of the definition`);
  }
  if (isOfKind(connection, kind)) return { name, connection };
  const right = [...context.project.connections].flatMap(([other, { kind: its }]) => (its === kind ? [other] : []));
  const known = right.length === 0 ? `firn.yaml has no connection that is ${WORDS[kind].is}` : right.join(', ');
  const message = `the connection "${name}" is ${WORDS[connection.kind].is}, and ${WORDS[kind].is} is needed here`;
  context.error('FIRN424', parsed, message, `${name} is for ${WORDS[connection.kind].verbs}; for this verb: ${known}`);
  return undefined;
}

/** Warns where the database cannot keep a write from happening twice. */
export function warnUnprotected(parsed: Parsed, use: ConnectionUse<'postgres'>, context: CompileContext): void {
  if (use.connection.effects !== 'none') return;
  const message = `this write can happen twice: the connection "${use.name}" declares \`effects: none\``;
  const hint = `run \`firn connections prepare ${use.name}\` and take \`effects: none\` out of firn.yaml`;
  context.warning('FIRN417', parsed, message, hint);
}

function isOfKind<Kind extends KindOf>(connection: Connection, kind: Kind): connection is OfKind<Kind> {
  return connection.kind === kind;
}
