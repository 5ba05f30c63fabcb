/** Doors to the connections of firn.yaml. HOST: resolves the address now, connects with the first query. */
import { createDoor, type Door } from '../connections/door.js';
import type { Configuration, PostgresConnection } from './configuration.js';

/** `size`: connections that are kept at most. Failure `unreachable` when the address cannot be resolved. */
export function openDoor({ schema }: Configuration, connection: PostgresConnection, size: number): Door {
  const { name, url, effects, schema: tableSchema } = connection;
  return createDoor({ name, url: url.resolve(), effects, effectSchema: schema, tableSchema, size });
}
