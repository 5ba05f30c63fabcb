/**
 * What a step touches outside its run, and how often that can happen to it.
 *
 * PURE.
 */
import type { EffectBounds } from '../plan/bounds.js';
import type { Project } from '../plan/project.js';
import type { Node } from '../steps/index.js';

/** `connection.table`, the connection of a request, an activity or a tool; undefined for what touches nothing. */
export function placeOf(node: Node): string | undefined {
  switch (node.verb) {
    case 'read':
    case 'list':
    case 'delete':
      return node.from;
    case 'create':
    case 'update':
      return node.in;
    case 'sql':
    case 'http':
      return node.connection;
    case 'use':
      return node.activity;
    default:
      return undefined;
  }
}

/** What holds of a write whatever is killed or repeated in between. */
export function happens(node: Node, { connections }: Project): EffectBounds['happens'] {
  switch (node.verb) {
    case 'http':
      switch (node.repeat) {
        case 'once':
          return 'once or unknown';
        case 'repeatable':
          return 'repeatable';
        default:
          return 'once by its key';
      }
    case 'use':
      return node.effect === 'once' ? 'once or unknown' : 'once by its key';
    default: {
      const [connection = ''] = (placeOf(node) ?? '').split('.');
      const found = connections.get(connection);
      return found?.kind === 'postgres' && found.effects === 'exactly-once' ? 'exactly once' : 'at least once';
    }
  }
}
