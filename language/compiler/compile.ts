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
import type { Parsed } from '../plan/parsed.js';
import type { Plan } from '../plan/plan.js';
import { Problems } from '../plan/problem.js';
import type { Problem } from '../plan/problem.js';
import type { Policy, Project } from '../plan/project.js';
import type { Node } from '../steps/index.js';
import { reportUnknownName } from './context.js';
import type { Surroundings } from './context.js';
import { compileFields } from './fields.js';
import { lower } from './lower.js';
import { parse } from './parse.js';
import { parsePolicy } from './policies.js';
import { onePerCause, sortProblems } from './render.js';
import { resolve } from './resolve.js';
import { textOf, validate } from './validate.js';
import type { CheckedDefinition } from './validate.js';

export interface CompileRequest {
  /** Path of the definition within its project, with `/`: part of the plan and of every problem. */
  readonly file: string;
  readonly text: string;
  readonly project: Project;
  /** The text of a policy file by its path within the project, or undefined where there is none. */
  readonly policies: (path: string) => string | undefined;
}

export interface Compilation {
  /** Absent when there is any error. */
  readonly plan?: Plan<Node>;
  /** Errors and warnings, most useful first. */
  readonly problems: readonly Problem[];
}

export function compile(request: CompileRequest): Compilation {
  const problems = new Problems(request.file);
  const plan = compileText(request, problems);
  const told = sortProblems(onePerCause(problems.all));
  return plan === undefined ? { problems: told } : { plan, problems: told };
}

function compileText({ file, text, project, policies }: CompileRequest, problems: Problems): Plan<Node> | undefined {
  const root = parse(text, problems);
  if (root === undefined) return undefined;
  const definition = validate(root, problems);
  const owner = checkOwner(definition, project, problems);
  const uses = checkUses(definition, project, problems);
  const found = readPolicies(definition, file, policies, problems);
  const input = compileFields(definition.input, problems);
  const surroundings: Surroundings = { project, uses: new Set(uses), ...found, workflow: definition.name };
  const resolved = resolve(definition, input.type, surroundings, problems);
  return lower({ definition, file, text, owner, uses, input: input.schema, resolved }, problems);
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
