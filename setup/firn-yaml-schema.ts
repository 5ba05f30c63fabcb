/**
 * The JSON Schema of firn.yaml and of its overlays: the one place that says which keys exist.
 *
 * HOST, data only. Shapes here, meaning in read-configuration.ts. An overlay has the same shape; nothing is required in
 * either, because every key has a default or is checked where it is used.
 */
import { SECRET_PATTERN } from './secrets.js';

const NAME = '^[a-z][a-z0-9_-]{0,39}$';
const SECRET = { type: 'string', pattern: SECRET_PATTERN, description: 'env:NAME or file:path' } as const;
const PATH = { type: 'string', minLength: 1 } as const;

const DATABASE = {
  type: 'object',
  additionalProperties: false,
  required: ['postgres', 'columns'],
  properties: {
    postgres: SECRET,
    schema: { type: 'string', minLength: 1, maxLength: 63 },
    columns: PATH,
    trusted: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    effects: { enum: ['exactly-once', 'none'] },
  },
} as const;

const SECRETS = { type: 'object', additionalProperties: SECRET } as const;

/** A server of the Model Context Protocol: a program that is started, or an address. */
const TOOLS = {
  type: 'object',
  additionalProperties: false,
  required: ['mcp', 'tools'],
  properties: {
    mcp: {
      type: 'object',
      additionalProperties: false,
      properties: {
        command: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
        env: SECRETS,
        url: SECRET,
        headers: SECRETS,
        allow_private: { type: 'boolean', description: 'the address may be one of a private network, or this machine' },
      },
    },
    tools: PATH,
    effects: { type: 'object', additionalProperties: { enum: ['read', 'repeatable', 'once'] } },
    trusted: { type: 'array', items: { type: 'string' } },
  },
} as const;

/** An HTTP service: its address, and the headers with its credentials. */
const SERVICE = {
  type: 'object',
  additionalProperties: false,
  required: ['http'],
  properties: {
    http: SECRET,
    headers: { type: 'object', propertyNames: { pattern: '^[a-z0-9-]+$' }, additionalProperties: SECRET },
    timeout: { type: 'string' },
    allow_private: { type: 'boolean', description: 'the address may be one of a private network, or this machine' },
    max_body: { type: 'string' },
  },
} as const;

/** Which kind it is, is said by its first key. */
const CONNECTION = {
  if: { type: 'object', properties: { http: true }, required: ['http'] },
  then: SERVICE,
  else: { if: { type: 'object', properties: { mcp: true }, required: ['mcp'] }, then: TOOLS, else: DATABASE },
} as const;

const CHANNEL = {
  type: 'object',
  additionalProperties: false,
  properties: {
    webhook: SECRET,
    allow_private: { type: 'boolean', description: 'the address may be one of a private network, or this machine' },
  },
} as const;

const ROLE = {
  type: 'object',
  additionalProperties: false,
  required: ['people'],
  properties: { people: { type: 'array', items: { type: 'string', minLength: 1 } }, channel: { type: 'string' } },
} as const;

function named<Entry>(entry: Entry): {
  readonly type: 'object';
  readonly propertyNames: { readonly pattern: string };
  readonly additionalProperties: Entry;
} {
  return { type: 'object', propertyNames: { pattern: NAME }, additionalProperties: entry };
}

const SCHEDULE = {
  type: 'object',
  additionalProperties: false,
  required: ['workflow', 'cron', 'zone'],
  properties: {
    workflow: { type: 'string' },
    cron: { type: 'string', description: 'minute, hour, day of the month, month, day of the week' },
    zone: { type: 'string', description: 'a time zone by its name, such as Europe/Berlin or UTC' },
    input: { type: 'object' },
    paused: { type: 'boolean' },
    overlap: { enum: ['skip', 'buffer_one', 'buffer_all', 'allow_all', 'cancel_other'] },
  },
} as const;

export const FIRN_YAML_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'firn.yaml',
  type: 'object',
  additionalProperties: false,
  properties: {
    project: { type: 'string', pattern: NAME },
    database: SECRET,
    definitions: PATH,
    temporal: {
      type: 'object',
      additionalProperties: false,
      properties: {
        address: { type: 'string', pattern: '^[^\\s:]+:\\d{1,5}$' },
        namespace: { type: 'string', minLength: 1 },
        api_key: SECRET,
        tls: { type: 'boolean' },
      },
    },
    connections: named(CONNECTION),
    /** Modules that export the activities of an application: one path, or several. */
    activities: { if: { type: 'string' }, then: PATH, else: { type: 'array', items: PATH, minItems: 1 } },
    schedules: named(SCHEDULE),
    channels: named(CHANNEL),
    customer: { type: 'string' },
    roles: named(ROLE),
    identity: { enum: ['unverified'] },
    models: {
      type: 'object',
      additionalProperties: false,
      properties: {
        off: { type: 'boolean' },
        encoder: PATH,
        encoder_sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        threads: { type: 'integer', minimum: 1, maximum: 256 },
        gpu: { type: 'boolean' },
      },
    },
    limits: {
      type: 'object',
      additionalProperties: false,
      properties: {
        activities_at_once: { type: 'integer', minimum: 1, maximum: 1000 },
        pool_size: { type: 'integer', minimum: 1, maximum: 100 },
      },
    },
  },
} as const;
