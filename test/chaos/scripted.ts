/**
 * The outside of generated programs on real Temporal: every activity, person, message and cancellation is scripted, each
 * run with a world of its own. Not a test itself.
 */
import { ApplicationFailure } from '@temporalio/common';
import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { UndoReport } from '../../interpreter/ending.js';
import { TestWorld } from '../../interpreter/test-world.js';
import type { DecideAnswer } from '../../language/plan/calls.js';
import { isFailure } from '../../language/plan/failure.js';
import { isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';
import { ANSWER, APPROVE } from '../../language/plan/messages.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Node } from '../../language/steps/index.js';
import { choicesOf, seenOf, valueAt, verbAt, verbsOf, type Call } from '../programs/answers.js';
import type { Program } from '../programs/build.js';
import type { Seen } from '../programs/prediction.js';
import { attemptAt, decisionAt, formAt, messagesOf } from '../programs/world.js';

const TYPES = ['open run', 'close run', 'check decision', 'open item', 'close item', 'settle'];
const VERBS = ['read', 'list', 'create', 'update', 'delete', 'tell', 'decide'];

/** One run: its program, and what has come of it. */
interface Run {
  readonly program: Program;
  readonly plan: JsonMap;
  readonly world: TestWorld;
  readonly calls: Call[];
  readonly timers: NodeJS.Timeout[];
  readonly continues: boolean;
  closed: JsonMap | undefined;
}

export class Scripted {
  private readonly client: Client;
  private readonly runs = new Map<string, Run>();
  /** A run that is to continue as new does so from so many events on. */
  private readonly continue_after_events: number;

  constructor(client: Client, continue_after_events: number) {
    this.client = client;
    this.continue_after_events = continue_after_events;
  }

  add(ticket: string, program: Program, plan: Plan<Node>, continues: boolean): void {
    const json: unknown = JSON.parse(JSON.stringify(plan));
    if (!isJsonMap(json)) throw new Error('a plan is a map');
    this.runs.set(ticket, {
      program,
      plan: json,
      world: new TestWorld(),
      calls: [],
      timers: [],
      continues,
      closed: undefined,
    });
  }

  /** What came of a run that is over; undefined where it never closed. */
  seen(ticket: string): Seen | undefined {
    const run = this.runOf(ticket);
    for (const timer of run.timers) clearTimeout(timer);
    if (run.closed === undefined) return undefined;
    const { outcome, output, reason, code, step, undo } = run.closed;
    const ended = {
      outcome: text(outcome) ?? '',
      output: outcome === 'done' ? output : undefined,
      reason: text(reason),
      code: text(code),
      step: text(step),
      undo: Array.isArray(undo) ? undo.filter(isReport) : [],
    };
    return seenOf(ended, run.world, run.calls);
  }

  activities(): Record<string, (input: JsonMap) => Promise<Json>> {
    return Object.fromEntries([...TYPES, ...VERBS].map((type) => [type, (input: JsonMap) => this.answer(type, input)]));
  }

  private async answer(type: string, input: JsonMap): Promise<Json> {
    const { activityId, attempt, workflowExecution } = activityInfo();
    const ticket = workflowExecution?.workflowId ?? '';
    const run = this.runOf(ticket);
    switch (type) {
      case 'open run':
        return this.open(ticket, run, input);
      case 'close run':
        run.closed = input;
        return { item: null };
      case 'check decision':
        return { accepted: true, because: '', at: new Date().toISOString() };
      case 'open item':
        this.ask(ticket, run, input);
        return {};
      case 'close item':
        return {};
      case 'settle':
        return { ...run.world.settle(text(input['key']) ?? '') };
      default:
        return await act(run, { id: activityId, type, input }, attempt);
    }
  }

  private open(ticket: string, run: Run, { input = {} }: JsonMap): Json {
    const { world } = run.program;
    const handle = this.client.workflow.getHandle(ticket);
    if (world.cancel_after_ms !== undefined) this.later(run, world.cancel_after_ms, () => handle.cancel());
    for (const { name, at_ms, values } of messagesOf(world)) this.later(run, at_ms, () => handle.signal(name, values));
    const often = !run.continues ? {} : { continue_after_events: this.continue_after_events };
    return { plan: run.plan, input, search_attributes: [], at: new Date().toISOString(), ...often };
  }

  /** Somebody decides when their time has come; an item that is closed by then refuses it. */
  private ask(ticket: string, run: Run, { item }: JsonMap): void {
    if (!isJsonMap(item)) throw new Error('an item is a map');
    const { id, digest = '', kind } = item;
    const place = text(id) ?? '';
    const { world } = run.program;
    const does = verbAt(verbsOf(run.program), place);
    const { after_ms, decision, comment, by } = decisionAt(world, place, choicesOf(does));
    if (after_ms === Infinity) return;
    const values = does?.verb === 'ask' ? { values: formAt(world, place) } : {};
    const handle = this.client.workflow.getHandle(ticket);
    const argument = { item: place, decision, comment, by, digest, ...values };
    this.later(run, after_ms, () => handle.executeUpdate(kind === 'answer' ? ANSWER : APPROVE, { args: [argument] }));
  }

  private later(run: Run, after_ms: number, work: () => Promise<unknown>): void {
    const timer = setTimeout(() => void work().catch(() => undefined), after_ms);
    run.timers.push(timer);
  }

  private runOf(ticket: string): Run {
    const run = this.runs.get(ticket);
    if (run === undefined) throw ApplicationFailure.nonRetryable(`no run is named "${ticket}"`, 'unknown_workflow');
    return run;
  }
}

async function act({ program, world, calls }: Run, call: Call, attempt: number): Promise<Json> {
  if (attempt === 1) calls.push(call);
  const { takes_ms, fails } = attemptAt(program.world, call.id, attempt);
  await new Promise((resolve) => setTimeout(resolve, takes_ms));
  if (fails === undefined) return perform(program, world, call);
  if (fails.landed) perform(program, world, call);
  throw ApplicationFailure.create({ message: 'scripted', type: fails.code, nonRetryable: fails.final });
}

function perform(program: Program, world: TestWorld, { id, type, input }: Call): Json {
  const value = valueAt(program.world, verbsOf(program), id);
  if (type === 'read' || type === 'list') return value ?? {};
  if (type === 'decide') return answered(text(value));
  try {
    return world.effect(type, id, input, () => {
      if (type === 'tell') {
        const message = { who: 'customer', to: null, subject: null, text: text(input['text']) ?? '' };
        world.messages.push({ step: id, ...message });
      }
      return value ?? { at: new Date().toISOString() };
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, error.code);
  }
}

function answered(answer: string | undefined): DecideAnswer {
  const by = answer === undefined ? 'nobody' : 'encoder';
  const probability = answer === undefined ? null : 1;
  return { answer: answer ?? null, by, probability, why: 'scripted', proposals: [], model_calls: 1 };
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isReport(value: unknown): value is UndoReport {
  return typeof value === 'object' && value !== null && 'step' in value && 'status' in value;
}
