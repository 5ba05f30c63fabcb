/**
 * The compiler: from the text of a definition to its plan, or to everything that is wrong with it.
 *
 *   parse      text -> tree with positions (YAML's traps refused)
 *   validate   tree -> steps that each have one verb and a body of the right shape
 *   resolve    steps -> nodes and blocks: names, scopes, absence, endings
 *   lower      nodes and blocks -> Plan: bounded, frozen, hashed
 *
 * PURE. Reads no files: what a definition refers to is handed in. Never throws and never takes long on an author's text;
 * a plan is returned only when there is no error, so the interpreter may trust it.
 */
import type { Bounds } from '../plan/bounds.js';
import type { Parsed } from '../plan/parsed.js';
import type { Plan } from '../plan/plan.js';
import { Problems } from '../plan/problem.js';
import type { Place, Problem } from '../plan/problem.js';
import type { Callee, Policy, Project } from '../plan/project.js';
import { ANY } from '../plan/types.js';
import type { Type } from '../plan/types.js';
import type { Node } from '../steps/index.js';
import { boundsOf, walkedOf } from './bounds.js';
import { checkBudget } from './budget.js';
import { reportUnknownName } from './context.js';
import type { Surroundings } from './context.js';
import { compileFields } from './fields.js';
import { checkFinally } from './finally.js';
import { historyOf } from './history.js';
import { lower } from './lower.js';
import type { Resolved } from './lower.js';
import { parse } from './parse.js';
import { parsePolicy } from './policies.js';
import { onePerCause, sortProblems } from './render.js';
import { resolve } from './resolve.js';
import { declaredSize } from './type-size.js';
import { textOf, validate } from './validate.js';
import type { CheckedDefinition } from './validate.js';

export interface CompileRequest {
  /** Path of the definition within its project, with `/`: part of the plan and of every problem. */
  readonly file: string;
  readonly text: string;
  readonly project: Project;
  /** The text of a policy file by its path within the project, or undefined where there is none. */
  readonly policies: (path: string) => string | undefined;
  /** Another workflow of the project, compiled; undefined where it has problems, or calls this one in its turn. */
  readonly callees?: (name: string) => Callee | undefined;
}

export interface Compilation {
  /** Absent when there is any error. */
  readonly plan?: Plan<Node>;
  /** What it can do at the most; with a plan. */
  readonly bounds?: Bounds;
  /** The same workflow as others that call it see it; with a plan. */
  readonly callee?: Callee;
  /** Errors and warnings, most useful first. */
  readonly problems: readonly Problem[];
}

export function compile(request: CompileRequest): Compilation {
  const problems = new Problems(request.file);
  const compiled = compileText(request, problems);
  const told = sortProblems(onePerCause(problems.all));
  return compiled === undefined ? { problems: told } : { ...compiled, problems: told };
}

function compileText(
  { file, text, project, policies, callees = () => undefined }: CompileRequest,
  problems: Problems,
): Required<Omit<Compilation, 'problems'>> | undefined {
  const root = parse(text, problems);
  if (root === undefined) return undefined;
  const definition = validate(root, problems);
  const owner = checkOwner(definition, project, problems);
  const uses = checkUses(definition, project, problems);
  const found = readPolicies(definition, file, policies, problems);
  const input = compileFields(definition.input, problems);
  const surroundings: Surroundings = { project, uses: new Set(uses), ...found, workflow: definition.name, callees };
  const resolved = resolve(definition, input.type, surroundings, problems);
  checkFinally(definition, problems);
  const plan = lower({ definition, file, text, owner, uses, input: input.schema, resolved }, problems);
  if (plan === undefined) return undefined;
  const { name, hash, ends_within_ms, nodes } = plan;
  const fails = nodes.flatMap((node) => (node.verb === 'fail' ? [node.type] : []));
  const sides = { takes: input.type, gives: resolved.gives, fails: [...new Set(fails)] };
  const bounds = measure({ definition, plan, resolved, project, takes: input.type }, problems);
  return problems.failed ? undefined : { plan, bounds, callee: { name, hash, ends_within_ms, ...sides, bounds } };
}

interface Measured {
  readonly definition: CheckedDefinition;
  readonly plan: Plan<Node>;
  readonly resolved: Resolved;
  readonly project: Project;
  readonly takes: Type;
}

/** What the plan can do at the most. Problems: FIRN416, FIRN444-449. */
function measure({ definition, plan, resolved, project, takes }: Measured, problems: Problems): Bounds {
  const { calls: callees, types, places } = resolved;
  const { run, gaps } = historyOf(walkedOf(plan, callees), {
    result: (node) => declaredSize(types[plan.nodes.indexOf(node)] ?? ANY),
    input: (workflow) => declaredSize(callees.find(({ name }) => name === workflow)?.takes ?? ANY),
  });
  const written = new Map([...places.bySource.values()].map(({ index, source }) => [index, source]));
  const top: Place = { at: { line: 1, column: 1 }, path: '' };
  const place = (node: Node): Place => {
    const source = written.get(plan.nodes.indexOf(node));
    return source === undefined ? top : { at: source.at, path: source.path };
  };
  checkBudget({ plan, callees, gaps, takes, place, inputPlace: definition.input ?? top }, problems);
  return boundsOf(plan, callees, project, run);
}

function checkOwner({ owner }: CheckedDefinition, project: Project, problems: Problems): string {
  const name = textOf(owner);
  if (owner === undefined || name === undefined) return '';
  if (!project.roles.has(name)) reportUnknownName(problems, 'FIRN314', owner, 'role', name, project.roles.keys());
  return name;
}

function checkUses({ uses }: CheckedDefinition, project: Project, problems: Problems): readonly string[] {
  return (uses?.is === 'list' ? uses.items : []).flatMap((item) => {
    const name = textOf(item);
    if (name === undefined) return [];
    if (!project.connections.has(name)) {
      reportUnknownName(problems, 'FIRN311', item, 'connection', name, project.connections.keys());
    }
    return [name];
  });
}

function readPolicies(
  { policies }: CheckedDefinition,
  file: string,
  load: (path: string) => string | undefined,
  problems: Problems,
): Pick<Surroundings, 'policies' | 'failedPolicies'> {
  const found = new Map<string, Policy>();
  const failed = new Set<string>();
  for (const { key, value } of policies?.is === 'map' ? policies.entries : []) {
    const policy = readPolicy(key, value, file, load, problems);
    if (policy === undefined) failed.add(key);
    else found.set(key, policy);
  }
  return { policies: found, failedPolicies: failed };
}

function readPolicy(
  name: string,
  parsed: Parsed,
  file: string,
  load: (path: string) => string | undefined,
  problems: Problems,
): Policy | undefined {
  const written = textOf(parsed);
  if (written === undefined) return undefined;
  const path = besideOf(file, written);
  const text = path === undefined ? undefined : load(path);
  if (path === undefined || text === undefined) {
    const where = path === undefined ? 'it lies outside the project' : `there is no file ${path}`;
    problems.error(
      'FIRN316',
      parsed,
      `the policy "${name}" cannot be read: ${where}`,
      'the path begins at the folder of this definition',
    );
    return undefined;
  }
  return parsePolicy(name, path, text, problems);
}

/** A path that is written in `file`, as a path within the project; undefined where it leads out of it. */
function besideOf(file: string, written: string): string | undefined {
  if (/^([/\\]|[A-Za-z]:)/.test(written)) return undefined;
  const parts = file.split('/').slice(0, -1);
  for (const part of written.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
