/**
 * What a Firn project is configured to be: the types that firn.yaml becomes, for every HOST folder.
 *
 * HOST, types only. A secret is a reference until the moment it is used: `resolve()` reads it then, nothing keeps or
 * logs its value, and printing a configuration shows the reference (`env:NAME`, `file:path`).
 */
import type { RecordedTool } from '../connections/tools-file.js';
import type { Json } from '../language/plan/json.js';
import type { Callable, Project } from '../language/plan/project.js';
import type { Place } from '../language/plan/problem.js';

/** The environment variables of a process, or what a test puts in their place. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface Secret {
  /** As written: `env:NAME`, `file:path`. Safe to show. */
  readonly reference: string;
  /** The value, read now. Failure `unreachable` when the variable is not set or the file cannot be read. */
  resolve(): string;
}

export interface PostgresConnection {
  readonly name: string;
  readonly kind: 'postgres';
  readonly url: Secret;
  /** The schema its table names live in; undefined = the database's own search path. */
  readonly schema: string | undefined;
  /** Absolute path of the committed columns file. */
  readonly columnsFile: string;
  /** The same path as people know it: relative to the project, with `/`. */
  readonly columnsName: string;
  readonly trusted: ReadonlyMap<string, readonly string[]>;
  readonly effects: 'exactly-once' | 'none';
}

/** A server of the Model Context Protocol: a program that the worker starts, or an address. */
export interface ToolConnection {
  readonly name: string;
  readonly kind: 'mcp';
  readonly server:
    | {
        readonly kind: 'stdio';
        readonly command: readonly string[];
        readonly env: ReadonlyMap<string, Secret>;
        /** Where it runs: the project's folder. */
        readonly directory: string;
      }
    | {
        readonly kind: 'http';
        readonly url: Secret;
        readonly headers: ReadonlyMap<string, Secret>;
        readonly allowPrivate: boolean;
      };
  /** Absolute path of the committed tools file, and the same path as people know it. */
  readonly toolsFile: string;
  readonly toolsName: string;
  /** What firn.yaml says of tools whose annotations say nothing, or the wrong thing. */
  readonly effects: ReadonlyMap<string, Callable['effect']>;
  readonly trusted: ReadonlySet<string>;
  /** The tools of that file. */
  readonly tools: ReadonlyMap<string, RecordedTool>;
}

/** An HTTP service. */
export interface HttpConnection {
  readonly name: string;
  readonly kind: 'http';
  readonly url: Secret;
  /** Sent with every request, in lower case: credentials. */
  readonly headers: ReadonlyMap<string, Secret>;
  /** Addresses of this machine and its network are allowed. */
  readonly allowPrivate: boolean;
  readonly timeout_ms: number;
  readonly maxBody_bytes: number;
}

export type Connection = PostgresConnection | HttpConnection | ToolConnection;

/** What starts runs by the clock. The run's input is checked against its definition by who compiles. */
export interface ScheduleSettings {
  readonly name: string;
  readonly workflow: string;
  /** Five fields, as Temporal reads them. */
  readonly cron: string;
  /** IANA name of a time zone. */
  readonly zone: string;
  readonly input: Json;
  readonly paused: boolean;
  readonly overlap: 'skip' | 'buffer_one' | 'buffer_all' | 'allow_all' | 'cancel_other';
  /** Where its input stands, or else itself: for a problem that only a compiled definition shows. */
  readonly file: string;
  readonly place: Place;
}

export type Channel =
  | { readonly name: string; readonly kind: 'console' }
  | { readonly name: string; readonly kind: 'webhook'; readonly url: Secret; readonly allowPrivate: boolean };

export interface RoleSettings {
  readonly name: string;
  readonly people: readonly string[];
  /** A channel of this configuration; undefined = the people look into the inbox by themselves. */
  readonly channel: string | undefined;
}

export interface TemporalSettings {
  /** `host:port`; undefined = the server that Firn starts on this machine. */
  readonly address: string | undefined;
  readonly namespace: string;
  readonly apiKey: Secret | undefined;
  readonly tls: boolean;
}

export interface ModelSettings {
  /** By firn.yaml, or by FIRN_MODELS=off. */
  readonly off: boolean;
  /** Absolute path of an encoder (GGUF or safetensors) to use in place of the pinned one. */
  readonly encoder: string | undefined;
  /** What a configured GGUF must hash to. */
  readonly encoderSha256: string | undefined;
  /** Threads of the model process; undefined = half of the processors, at least 1. */
  readonly threads: number | undefined;
  readonly gpu: boolean;
  /** FIRN_MODEL_SOCKET: a model process that somebody else runs, as in a container; undefined = the worker starts its own. */
  readonly socket: string | undefined;
}

export interface Limits {
  /** Activities that one worker runs at the same time. */
  readonly activities_at_once: number;
  /** Connections to each database that one process keeps. */
  readonly pool_size: number;
}

export interface DefinitionFile {
  /** From the file's name; the compiler demands that `workflow:` says the same. */
  readonly name: string;
  /** Relative to the project, with `/`: what problems name. */
  readonly file: string;
  readonly path: string;
}

export interface Configuration {
  /** Absolute path of the folder that holds firn.yaml. */
  readonly directory: string;
  /** The overlay in force (`firn.<environment>.yaml`), from FIRN_ENV. */
  readonly environment: string | undefined;
  /** The compiler's view of all this; without secrets. */
  readonly project: Project;
  /** `project:` of firn.yaml. */
  readonly name: string;
  readonly taskQueue: string;
  /** The schema that holds Firn's own tables. */
  readonly schema: string;
  readonly temporal: TemporalSettings;
  /** Where Firn's own tables are. */
  readonly databaseUrl: Secret;
  readonly connections: ReadonlyMap<string, Connection>;
  /** Modules that export activities of an application, as firn.yaml names them: relative to the project. */
  readonly activities: readonly string[];
  readonly schedules: readonly ScheduleSettings[];
  readonly channels: ReadonlyMap<string, Channel>;
  /** The channel of a `tell` to a customer that names none. */
  readonly customerChannel: string;
  readonly roles: ReadonlyMap<string, RoleSettings>;
  /** How it is known who a person is. `unverified`: by what the person's own machine says. */
  readonly identity: 'unverified';
  readonly models: ModelSettings;
  readonly limits: Limits;
  readonly definitions: readonly DefinitionFile[];
}
