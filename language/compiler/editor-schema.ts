/**
 * JSON Schemas for editors: what completes, explains and checks a definition, a test file or a policy while it is written.
 *
 * PURE. All of it comes from the schemas that the compiler itself checks with, and from the list of kinds: a new verb
 * appears here by itself. An editor's schema is wider than the compiler, never narrower: what `firn validate` accepts has
 * no underline. `defaultSnippets`, `markdownDescription` and `errorMessage` are read by the YAML language server.
 */
import type { JsonMap } from '../plan/json.js';
import { COMMON_SCHEMA, HEADER_SCHEMA } from './header.js';
import { stepDefinitions } from './editor-steps.js';
import { forEditorMap } from './editor-values.js';
import { TYPE_NAMES } from './fields.js';
import { POLICY_SCHEMA } from './policies.js';
import { TESTS_SCHEMA } from './tests-schema.js';

const DRAFT = 'http://json-schema.org/draft-07/schema#';

/** Of `*.flow.yaml`. */
export function flowEditorSchema(): JsonMap {
  return {
    $schema: DRAFT,
    title: 'A Firn workflow definition',
    ...forEditorMap(HEADER_SCHEMA),
    defaultSnippets: [
      {
        label: 'workflow',
        description: 'A whole definition, to begin with',
        body: {
          workflow: '${1:name}',
          summary: '${2:what it does}',
          owner: '${3:role}',
          ends_within: '${4:5d}',
          input: { '${5:field}': '${6:string}' },
          steps: [{ id: '${7:step}' }],
        },
      },
    ],
    definitions: { ...stepDefinitions(COMMON_SCHEMA), field: fieldSchema() },
  };
}

/** Of `*.test.yaml`. */
export function testsEditorSchema(): JsonMap {
  return { $schema: DRAFT, title: 'Tests of a Firn workflow', ...forEditorMap(TESTS_SCHEMA) };
}

/** Of `*.policy.yaml`. */
export function policyEditorSchema(): JsonMap {
  return { $schema: DRAFT, title: 'A policy of Firn workflows', ...forEditorMap(POLICY_SCHEMA) };
}

/** Of any other file, from the schema that it is checked with. */
export function editorSchema(title: string, schema: JsonMap): JsonMap {
  return { $schema: DRAFT, ...forEditorMap(schema), title };
}

/** Rule 10 of the language: a type name, a list, or a map. */
function fieldSchema(): JsonMap {
  const about =
    'A type name, a list of texts (one of them), a list with one map (a list of such maps), nested fields, or JSON Schema with `type`.';
  return {
    description: about,
    markdownDescription: about,
    anyOf: [
      { type: 'string', enum: TYPE_NAMES },
      { type: 'array', minItems: 1, items: { type: ['string', 'object'] } },
      {
        type: 'object',
        properties: {
          type: { type: ['string', 'object'], description: 'a type name, and further keys of JSON Schema beside it' },
          private: {
            type: ['boolean', 'string', 'object'],
            description: 'true keeps the value out of logs and summaries',
          },
        },
      },
    ],
    defaultSnippets: [{ label: 'a text of limited length', body: { type: 'string', maxLength: '${1:2000}' } }],
  };
}
