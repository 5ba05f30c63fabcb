/**
 * `firn schema [--for flow|tests|policy|project] [--out FILE]`: the JSON Schema by which an editor completes and checks.
 *
 * HOST. Comes from the code that runs, so an editor knows the verbs of the version that is installed.
 */
import { writeFileSync } from 'node:fs';
import {
  editorSchema,
  flowEditorSchema,
  policyEditorSchema,
  testsEditorSchema,
} from '../../language/compiler/editor-schema.js';
import { messageOf } from '../../language/plan/failure.js';
import type { JsonMap } from '../../language/plan/json.js';
import { FIRN_YAML_SCHEMA } from '../../setup/firn-yaml-schema.js';
import type { CommonOptions } from '../main.js';
import { textOption } from '../options.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from '../terminal.js';

export function run(terminal: Terminal, options: CommonOptions & Record<string, unknown>): Promise<ExitCode> {
  const schema = schemaOf(textOption(options, 'for') ?? 'flow');
  const out = textOption(options, 'out');
  if (out === undefined) {
    terminal.document(schema);
    terminal.line(JSON.stringify(schema, null, 2));
    return Promise.resolve(EXIT.ok);
  }
  try {
    writeFileSync(out, `${JSON.stringify(schema, null, 2)}\n`);
  } catch (error) {
    throw new CommandError(EXIT.failed, 'file', `${out} cannot be written: ${messageOf(error)}`);
  }
  terminal.document({ ok: true, file: out });
  terminal.line(`wrote ${out}`);
  return Promise.resolve(EXIT.ok);
}

/** By what commander lets through for `--for`. */
function schemaOf(which: string): JsonMap {
  switch (which) {
    case 'tests':
      return testsEditorSchema();
    case 'policy':
      return policyEditorSchema();
    case 'project':
      return editorSchema('firn.yaml of a Firn project', FIRN_YAML_SCHEMA);
    default:
      return flowEditorSchema();
  }
}
