/**
 * What a definition may depend on, as firn.yaml and its files declare it: the compiler's view of a project.
 *
 * PURE data; setup/ reads the files and makes it. No secret is in here.
 */
import type { Type } from './types.js';
import type { Json } from './json.js';

export interface Column {
  readonly type: Type;
  readonly nullable: boolean;
  /** The database fills it in when an insert leaves it out. */
  readonly hasDefault: boolean;
  /** Listed under the connection's `trusted`. */
  readonly trusted: boolean;
}

export interface Table {
  readonly columns: ReadonlyMap<string, Column>;
  readonly primaryKey: readonly string[];
}

export interface Connection {
  readonly kind: 'postgres';
  readonly tables: ReadonlyMap<string, Table>;
  /** `exactly-once`: the database has Firn's effect table. `none`: writes are at-least-once. */
  readonly effects: 'exactly-once' | 'none';
}

export interface Role {
  readonly people: readonly string[];
  readonly channel: string | undefined;
}

export interface PolicyVersion {
  readonly id: string;
  /** RFC 3339, inclusive. */
  readonly from: string;
  /** RFC 3339, exclusive; absent = still in force. */
  readonly until?: string;
  readonly values: Readonly<Record<string, Json>>;
}

/** A policy file after reading: versions in order of time, without overlap, all with the same fields and types. */
export interface Policy {
  readonly name: string;
  readonly versions: readonly PolicyVersion[];
  readonly type: Type;
}

export interface Project {
  readonly name: string;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly roles: ReadonlyMap<string, Role>;
  readonly channels: ReadonlySet<string>;
  /** Names of the definitions of this project. */
  readonly workflows: ReadonlySet<string>;
}
