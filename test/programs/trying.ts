/**
 * One generated program from beginning to end: compiled, predicted, run, compared.
 */
import { compile } from '../../language/compiler/compile.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Problem } from '../../language/plan/problem.js';
import type { Node } from '../../language/steps/index.js';
import { PROJECT, REMIND } from '../compiler/project.js';
import type { Program } from './build.js';
import { textOf, type Step } from './definition.js';
import { differences, type Prediction } from './prediction.js';
import { predict } from './reference.js';
import { run, type Twist } from './run-program.js';
import { stepsOf } from './steps-of.js';

/** Is over within the shortest of programs. */
const CALLED = { ...REMIND, ends_within_ms: 1 };
const LONG_MS = 30 * 86_400_000;
const RACES: readonly string[] = ['race', 'receive', 'return', 'refuse', 'fail'];

export type Tried =
  | { readonly is: 'refused'; readonly problems: readonly Problem[] }
  | { readonly is: 'ambiguous' }
  | { readonly is: 'same'; readonly predicted: Prediction; readonly continuations: number }
  | { readonly is: 'different'; readonly predicted: Prediction; readonly how: readonly string[] };

export function compiled(program: Program): { readonly plan?: Plan<Node>; readonly problems: readonly Problem[] } {
  const text = textOf(program.definition);
  return compile({
    file: 'definitions/generated.flow.yaml',
    text,
    project: PROJECT,
    policies: () => undefined,
    callees: () => CALLED,
  });
}

/**
 * Runs it as it is, and then as one that continues as new again and again. Where things go on at once, continuing waits for
 * what is in flight and so shifts who is first: then only what no shift can change is compared, and of the rest that it ends.
 */
export async function attempt(program: Program, twist: Twist = {}): Promise<Tried> {
  const { plan, problems } = compiled(program);
  if (plan === undefined) return { is: 'refused', problems };
  const predicted = predict(program.definition, program.world, program.input);
  if (predicted.ambiguous) return { is: 'ambiguous' };
  const twisted = twist.plan?.(plan) ?? plan;
  const { seen, took_ms } = await run(twisted, program, 0, twist);
  const how = differences(predicted, { ...seen, took_ms });
  if (how.length > 0) return { is: 'different', predicted, how };
  if (program.continues === 0) return { is: 'same', predicted, continuations: 0 };
  const { seen: later, continuations } = await run(twisted, program, program.continues, twist);
  const order = orderOf(program, predicted);
  const shifted = order === 'any' ? [] : differences(predicted, later, order === 'none');
  if (shifted.length === 0) return { is: 'same', predicted, continuations };
  return { is: 'different', predicted, how: [`continued as new ${continuations} times`, ...shifted] };
}

/** `exact`: nothing goes on at once. `none`: no matter who is first, the same happens. `any`: it may matter. */
export function orderOf({ definition, world }: Program, { outcome, undo }: Prediction): 'exact' | 'none' | 'any' {
  const steps = [...stepsOf(definition.body)];
  const atOnce = ({ does }: Step): boolean =>
    does.verb === 'parallel' || does.verb === 'race' || (does.verb === 'for_each' && does.at_once > 1);
  if (!steps.some(atOnce)) return 'exact';
  const hurries = world.cancel_after_ms !== undefined || definition.ends_within_ms < LONG_MS;
  const races = steps.some(({ does, timeout_ms }) => timeout_ms !== undefined || RACES.includes(does.verb));
  return hurries || races || outcome !== 'done' || undo.length > 0 || world.faults > 0 ? 'any' : 'none';
}

/** For whoever reads a difference. */
export function describe(program: Program, how: readonly string[]): string {
  const { world, input } = program;
  return `${how.join('\n')}\n\n${textOf(program.definition)}\nworld: ${JSON.stringify(world)}\ninput: ${JSON.stringify(input)}`;
}
