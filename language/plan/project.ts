/**
 * What a definition may depend on, as firn.yaml and its files declare it: the compiler's view of a project.
 *
 * PURE data; setup/ reads the files and makes it. No secret is in here.
 */
import type { Bounds } from './bounds.js';
import type { Type } from './types.js';
import type { Json, JsonMap } from './json.js';

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

/** A database, as the data verbs use it. */
export interface Database {
  readonly kind: 'postgres';
  readonly tables: ReadonlyMap<string, Table>;
  /** `exactly-once`: the database has Firn's effect table. `none`: writes are at-least-once. */
  readonly effects: 'exactly-once' | 'none';
}

/** An HTTP service: its address and its secrets are the activity's business. */
export interface HttpService {
  readonly kind: 'http';
}

/** A server of the Model Context Protocol, with the tools that its committed file declares. */
export interface ToolServer {
  readonly kind: 'mcp';
  readonly tools: ReadonlyMap<string, Callable>;
}

export type Connection = Database | HttpService | ToolServer;

/** An activity that an application registers, or a tool: what it takes and gives, and whether it may be asked twice. */
export interface Callable {
  readonly about: string;
  /** Type of its arguments; a map. */
  readonly takes: Type;
  /** Type of its result; `any` where it declares none. */
  readonly gives: Type;
  /** JSON Schema of its arguments: what is checked when it is called. */
  readonly schema: JsonMap;
  /** `read` changes nothing. `repeatable`: asking twice under one key is as asking once. `once`: nobody knows. */
  readonly effect: 'read' | 'repeatable' | 'once';
  /** What it gives is as trustworthy as a definition's own values. */
  readonly trusted: boolean;
}

/** Another workflow of the project, as a `call` sees it. */
export interface Callee {
  readonly name: string;
  readonly hash: string;
  /** Type of its input; a field that may be left out is optional. */
  readonly takes: Type;
  /** Type of its output. */
  readonly gives: Type;
  readonly ends_within_ms: number;
  /** Types of its own `fail` steps: what a `catch` may name. */
  readonly fails: readonly string[];
  /** What it can do at the most. */
  readonly bounds?: Bounds;
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
  /** Activities that applications register, by name. */
  readonly activities: ReadonlyMap<string, Callable>;
}
