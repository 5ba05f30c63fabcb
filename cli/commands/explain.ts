/**
 * `firn explain FLOW`: a definition in plain English, for a person who answers for it.
 *
 * HOST. Needs no server and no database.
 */
import { explain } from '../../language/compiler/explain.js';
import { explanationLines } from '../explanation.js';
import { findFlow } from '../flow.js';
import type { CommonOptions } from '../main.js';
import { EXIT, type ExitCode, type Terminal } from '../terminal.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const found = await findFlow(terminal, options, args[0] ?? '');
  if (found === undefined) return EXIT.usage;
  const { plan, bounds } = found;
  const explanation = explain(plan, bounds);
  terminal.document({ name: plan.name, hash: plan.hash, explanation, bounds });
  for (const line of explanationLines(terminal, explanation)) terminal.line(line);
  return EXIT.ok;
}
