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

const CONNECTION = {
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
