/**
 * What a compiled definition can do at the most: the guarantees that `firn validate` prints and `firn explain` says.
 *
 * PURE. Walks the compiled blocks, so that it speaks of what will run and not of what was written. Worst cases: worst.ts;
 * history: history.ts.
 */
import type {
  Bounds,
  CallBounds,
  EffectBounds,
  EndingBounds,
  MessageBounds,
  PersonBounds,
  ReadBounds,
  TellBounds,
} from '../plan/bounds.js';
import type { Plan } from '../plan/plan.js';
import type { Callee, Project } from '../plan/project.js';
import { effectOf } from '../steps/index.js';
import type { Node } from '../steps/index.js';
import { ownTime } from './attempts.js';
import { happens, placeOf } from './effects.js';
import { eventsOfUndo } from './history.js';
import type { Stretch } from './history.js';
import { asksModel, inner, MOST_STEPS_STARTED, questionsOf, timeOf, worstOf } from './worst.js';
import type { CalledWorst, Walked } from './worst.js';

type Analysed = Pick<Plan<Node>, 'nodes' | 'blocks' | 'owner' | 'ends_within_ms'>;

/** Where a step stands, as far as bounds care. */
interface Standing {
  /** How often it can run. */
  readonly times: number;
  /** It runs in every run that gets to its end. */
  readonly always: boolean;
  /** Failure types that a `try` around it answers; `*` is all of them. */
  readonly caught: ReadonlySet<string>;
  /** A deadline of a block around it, in milliseconds. */
  readonly within_ms: number;
}

interface Found {
  readonly people: PersonBounds[];
  readonly effects: EffectBounds[];
  readonly reads: ReadBounds[];
  readonly tells: TellBounds[];
  readonly receives: MessageBounds[];
  readonly sends: MessageBounds[];
  readonly calls: CallBounds[];
  readonly endings: EndingBounds[];
  readonly questions: string[];
  readonly waits: string[];
}

export function boundsOf(plan: Analysed, callees: readonly Callee[], project: Project, run: Stretch): Bounds {
  const { nodes, blocks, owner, ends_within_ms } = plan;
  const found: Found = {
    people: [],
    effects: [],
    reads: [],
    tells: [],
    receives: [],
    sends: [],
    calls: [],
    endings: [],
    questions: [],
    waits: [],
  };
  const walked = walkedOf(plan, callees);
  const worst = worstOf(walked);
  const collector = new Collector(walked, project, found);
  collector.block(0, { times: 1, always: true, caught: new Set(), within_ms: Infinity });
  const undos = new Set(nodes.flatMap(({ undo }) => undo ?? []));
  const last = blocks[0]?.steps.at(-1);
  const ending = last === undefined ? undefined : nodes[last];
  const reaches =
    ending === undefined || ending.when !== undefined || !['return', 'refuse', 'fail'].includes(ending.verb);
  return {
    steps: nodes.length - undos.size,
    undos: undos.size,
    steps_at_most: Math.min(worst.steps, MOST_STEPS_STARTED),
    questions: {
      at_most: questionsOf(worst),
      in_called: worst.all_questions - worst.questions,
      paths_without: worst.free,
      steps: found.questions,
    },
    time: { longest_ms: Math.min(worst.time_ms, ends_within_ms), ends_within_ms, without_limit: found.waits },
    people: found.people,
    owner,
    effects: found.effects,
    reads: found.reads,
    tells: found.tells,
    receives: found.receives,
    sends: found.sends,
    calls: found.calls,
    endings: reaches ? [...found.endings, { step: '', ends: 'done' }] : found.endings,
    history: {
      events_at_most: Math.max(run.events, eventsOfUndo(run.most_open)),
      bytes_at_most: run.characters,
      undo_at_most: run.most_open,
      at_once_at_most: run.at_once,
    },
  };
}

/** What the analyses of worst cases need to know of a definition and of the workflows that it calls. */
export function walkedOf({ nodes, blocks }: Pick<Analysed, 'nodes' | 'blocks'>, callees: readonly Callee[]): Walked {
  const called = new Map<string, CalledWorst>();
  for (const { name, ends_within_ms, bounds } of callees) {
    const questions = bounds?.questions.at_most ?? 0;
    called.set(name, {
      ends_within_ms,
      questions,
      free: questions === 0 || (bounds?.questions.paths_without ?? 0) > 0,
    });
  }
  return { nodes, blocks, called: (name) => called.get(name) };
}

class Collector {
  private readonly plan: Walked;
  private readonly project: Project;
  private readonly found: Found;

  constructor(plan: Walked, project: Project, found: Found) {
    this.plan = plan;
    this.project = project;
    this.found = found;
  }

  block(index: number, standing: Standing): void {
    let { always } = standing;
    for (const step of this.plan.blocks[index]?.steps ?? []) {
      const node = this.plan.nodes[step];
      if (node === undefined) continue;
      const here = { ...standing, always: always && node.when === undefined };
      this.step(node, here);
      for (const inside of inner(node)) this.block(inside, insideOf(node, inside, here, this.plan));
      // Behind a step that can end the run, nothing is certain.
      if (canEnd(node, this.plan)) always = false;
    }
  }

  private step(node: Node, standing: Standing): void {
    const { found } = this;
    const { times } = standing;
    const step = node.path;
    if (asksModel(node)) found.questions.push(step);
    if (ownTime(node, () => 0) === Infinity && node.timeout_ms === undefined && standing.within_ms === Infinity) {
      found.waits.push(step);
    }
    const effect = effectOf(node);
    const on = placeOf(node);
    if (effect === 'read' && on !== undefined) found.reads.push({ step, verb: node.verb, on });
    const undo = node.undo === undefined ? null : (this.plan.nodes[node.undo]?.path ?? null);
    if (effect === 'write' && on !== undefined) {
      const verb = node.verb === 'http' ? node.method.toLowerCase() : node.verb;
      found.effects.push({ step, verb, on, at_most: times, happens: happens(node, this.project), undo });
    }
    this.asked(node, standing);
    switch (node.verb) {
      case 'tell':
        found.tells.push({ step, who: node.who, at_most: times });
        return;
      case 'receive':
        found.receives.push({ step, message: node.message, at_most: times });
        return;
      case 'send':
        found.sends.push({ step, message: node.message, at_most: times });
        return;
      case 'call':
        found.calls.push({ step, workflow: node.workflow, detached: node.detached, at_most: times, undo });
        return;
      case 'return':
        found.endings.push({ step, ends: 'done' });
        return;
      case 'refuse':
        found.endings.push({ step, ends: 'refused' });
        return;
      case 'fail':
        found.endings.push({ step, ends: 'failed' });
        return;
      default:
    }
  }

  private asked(node: Node, { times, always, caught, within_ms }: Standing): void {
    const role = roleOf(node);
    if (role === undefined) return;
    const own_ms = node.timeout_ms ?? Infinity;
    const answered = own_ms < Infinity && (caught.has('timeout') || caught.has('*'));
    const rejects = node.verb === 'approve' && node.on_timeout === 'reject' && own_ms < Infinity;
    const waits_ms = Math.min(own_ms, within_ms);
    this.found.people.push({
      step: node.path,
      verb: node.verb,
      role,
      waits_ms: waits_ms === Infinity ? null : waits_ms,
      otherwise: rejects ? 'rejected' : answered ? 'caught' : 'handed over',
      // A question goes to a person only where rules and models leave it open.
      always: always && node.verb !== 'decide',
      at_most: times,
    });
  }
}

/** The role that a step asks. */
export function roleOf(node: Node): string | undefined {
  if (node.verb === 'approve' || node.verb === 'ask') return node.by;
  if (node.verb === 'decide' && !node.rules.some(({ when }) => when === undefined)) return node.otherwise;
  return undefined;
}

function insideOf(node: Node, block: number, standing: Standing, plan: Walked): Standing {
  const within_ms = Math.min(standing.within_ms, node.timeout_ms ?? Infinity);
  const around = { ...standing, within_ms };
  switch (node.verb) {
    case 'for_each':
      return { ...around, times: standing.times * node.most_items, always: false };
    case 'repeat':
      return { ...around, times: standing.times * node.at_most };
    case 'parallel':
      return around;
    case 'race': {
      // The branch that is over first ends the others.
      const others = node.branches.filter((branch) => branch.block !== block);
      const first_ms = Math.min(...others.map((branch) => timeOf(branch.block, plan)));
      return { ...around, within_ms: Math.min(within_ms, first_ms), always: false };
    }
    case 'try': {
      if (block === node.finally) return around;
      if (block !== node.block) return { ...around, always: false };
      const types = node.catches.flatMap(({ on }) => on ?? ['*']);
      return { ...around, caught: new Set([...standing.caught, ...types]) };
    }
    default:
      return { ...around, always: false };
  }
}

/** True where the run can end inside the step. */
function canEnd(node: Node, plan: Walked): boolean {
  if (node.verb === 'return' || node.verb === 'refuse' || node.verb === 'fail') return true;
  return inner(node).some((index) =>
    (plan.blocks[index]?.steps ?? []).some((step) => {
      const inside = plan.nodes[step];
      return inside !== undefined && canEnd(inside, plan);
    }),
  );
}
