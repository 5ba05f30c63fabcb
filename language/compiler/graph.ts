/**
 * A plan as a picture: boxes, arrows and frames, before anybody decides how they are drawn.
 *
 * PURE. Every step is one box, what holds its blocks is a frame around them; what a box stands for is told by its kind. Of a
 * finished run, boxes and arrows say whether it came by. Labels are an author's text, on one line and of limited length.
 */
import type { Plan } from '../plan/plan.js';
import type { Node } from '../steps/index.js';
import { branches } from './explain.js';
import { boxKind, detailsOf, loopTitle, shorten, titleOf } from './graph-box.js';
import { walkOf } from './graph-path.js';
import type { Walk, WalkedRun } from './graph-path.js';
import { plain, spoken } from './words.js';

export type BoxKind =
  'start' | 'step' | 'choice' | 'model' | 'person' | 'effect' | 'message' | 'call' | 'wait' | 'end' | 'stopped';

export interface Box {
  /** Letters and digits. */
  readonly id: string;
  readonly kind: BoxKind;
  readonly title: string;
  /** Further lines, short. */
  readonly details: readonly string[];
  /** Frame that it stands in; undefined outside of all. */
  readonly frame: string | undefined;
  /** How often a run came by; undefined where no run is shown. */
  readonly ran?: number;
  /** The run ended here. */
  readonly last?: true;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** `skip` passes a step whose `when` did not hold, `failure` leads to a `catch`, `binds` from an approval to its step. */
  readonly kind: 'next' | 'skip' | 'failure' | 'binds';
  readonly taken?: boolean;
}

export interface Frame {
  readonly id: string;
  readonly title: string;
  readonly around: string | undefined;
}

export interface Graph {
  readonly title: string;
  readonly caption: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  readonly frames: readonly Frame[];
  /** The kinds that occur, for the legend. */
  readonly kinds: readonly BoxKind[];
}

/** Where an arrow to the next step begins. */
interface Loose {
  readonly from: string;
  readonly label: string;
  readonly kind: Arrow['kind'];
}

const START = 'start';
const DONE = 'done';

export function graphOf(plan: Plan<Node>, run?: WalkedRun): Graph {
  return new Drawing(plan, run).draw();
}

class Drawing {
  private readonly plan: Plan<Node>;
  private readonly run: WalkedRun | undefined;
  private readonly walk: Walk | undefined;
  private readonly boxes: Box[] = [];
  private readonly arrows: Arrow[] = [];
  private readonly frames: Frame[] = [];

  constructor(plan: Plan<Node>, run: WalkedRun | undefined) {
    this.plan = plan;
    this.run = run;
    this.walk = run === undefined ? undefined : walkOf(plan, run);
  }

  draw(): Graph {
    const { plan, run } = this;
    this.box({ id: START, kind: 'start', title: plan.name, details: [shorten(plan.summary)], frame: undefined });
    const loose = this.block(0, undefined, [{ from: START, label: '', kind: 'next' }]);
    if (loose.length > 0) {
      this.box({ id: DONE, kind: 'end', title: 'done', details: [], frame: undefined });
      this.join(loose, DONE);
    }
    this.stopped();
    const present = new Set(this.boxes.map(({ kind }) => kind));
    const kinds = LEGEND.filter((kind) => present.has(kind));
    const caption = `A failure that nothing answers, or ${spoken(plan.ends_within_ms)} passing, hands the run to ${plan.owner}`;
    const title =
      run === undefined ? plan.name : `${plan.name} ${plain(run.ticket)}: ${plain(run.outcome.replace('_', ' '))}`;
    return { title, caption, boxes: this.boxes, arrows: this.arrows, frames: this.frames, kinds };
  }

  /** Draws the steps of a block behind `before`; answers where what comes behind it is attached. */
  private block(index: number, frame: string | undefined, before: readonly Loose[]): readonly Loose[] {
    let loose = before;
    for (const step of this.plan.blocks[index]?.steps ?? []) {
      const node = this.plan.nodes[step];
      if (node === undefined) continue;
      const skip = node.when === undefined ? [] : loose.map((one) => ({ ...one, kind: 'skip' as const }));
      loose = [...this.step(node, step, frame, loose), ...skip];
    }
    return loose;
  }

  private step(node: Node, index: number, frame: string | undefined, before: readonly Loose[]): readonly Loose[] {
    const id = `n${index}`;
    this.box({ id, kind: boxKind(node), title: titleOf(node), details: detailsOf(node, this.plan), frame });
    this.join(before, id);
    const own: Loose = { from: id, label: '', kind: 'next' };
    switch (node.verb) {
      case 'return':
      case 'refuse':
      case 'fail':
        return [];
      case 'approve':
        for (const bound of node.for) this.arrow({ from: id, to: `n${bound}`, label: 'binds', kind: 'binds' });
        return [own];
      case 'switch':
        return branches(node).flatMap(({ heading, block }) =>
          this.block(block, frame, [{ ...own, label: shorten(heading) }]),
        );
      case 'for_each':
      case 'repeat':
        return this.block(node.block, this.frame(id, loopTitle(node), frame), [own]);
      case 'parallel':
      case 'race': {
        const around = this.frame(id, node.verb === 'race' ? 'the first to end wins' : 'at the same time', frame);
        return node.branches.flatMap(({ name, block }, place) =>
          this.block(block, this.frame(`${id}b${place}`, plain(name), around), [own]),
        );
      }
      case 'try': {
        const tried = this.block(node.block, this.frame(id, 'try', frame), [own]);
        const caught = node.catches.flatMap(({ on, block }, place) => {
          const label = on === undefined ? 'any failure' : shorten(on.map(plain).join(', '));
          const steps = this.plan.blocks[block]?.steps.length ?? 0;
          const inside = steps === 0 ? frame : this.frame(`${id}c${place}`, 'catch', frame);
          return this.block(block, inside, [{ from: id, label, kind: 'failure' }]);
        });
        const over = [...tried, ...caught];
        return node.finally === undefined
          ? over
          : this.block(node.finally, this.frame(`${id}f`, 'finally', frame), over);
      }
      default:
        return [own];
    }
  }

  /** Where a run ended that did not end at a step made for it. */
  private stopped(): void {
    const { run, walk } = this;
    if (run === undefined || walk === undefined) return;
    if (run.outcome !== 'handed_over' && run.outcome !== 'cancelled') return;
    const title = run.outcome === 'cancelled' ? 'cancelled' : `handed over to ${this.plan.owner}`;
    const details = run.reason === null ? [] : [shorten(run.reason)];
    this.boxes.push({ id: 'stopped', kind: 'stopped', title, details, frame: undefined, ran: 1, last: true });
    const at = walk.lastNode;
    this.arrows.push({
      from: at === undefined ? START : `n${at}`,
      to: 'stopped',
      label: '',
      kind: 'failure',
      taken: true,
    });
  }

  private box(box: Box): void {
    const { walk } = this;
    if (walk === undefined) {
      this.boxes.push(box);
      return;
    }
    const ran = walk.timesOf(box.id);
    this.boxes.push({ ...box, ran, ...(walk.endsAt(box.id) ? { last: true } : {}) });
  }

  private arrow(arrow: Arrow): void {
    const { walk } = this;
    this.arrows.push(walk === undefined ? arrow : { ...arrow, taken: walk.took(arrow.from, arrow.to) });
  }

  private join(loose: readonly Loose[], to: string): void {
    for (const one of loose) this.arrow({ ...one, to });
  }

  private frame(box: string, title: string, around: string | undefined): string {
    const id = `f${box}`;
    this.frames.push({ id, title, around });
    return id;
  }
}

/** In the order of the legend. */
const LEGEND: readonly BoxKind[] = [
  'step',
  'choice',
  'model',
  'person',
  'effect',
  'message',
  'call',
  'wait',
  'end',
  'stopped',
];
