/**
 * A definition in plain English, for a person who answers for it: what `firn explain` prints.
 *
 * PURE. Says nothing that the plan and its bounds do not say. Lines are not broken here: whoever prints knows the width.
 */
import type { Bounds, PersonBounds } from '../plan/bounds.js';
import { isJsonMap, type JsonMap } from '../plan/json.js';
import type { Plan } from '../plan/plan.js';
import type { Node } from '../steps/index.js';
import { sentence } from './explain-step.js';
import { count, counted, listed, plain, shortened, spoken } from './words.js';

export interface ExplainedLine extends JsonMap {
  /** How deep it stands: 0 is not indented. */
  readonly level: number;
  /** What stands before the text: a number, a branch; empty for a sentence of its own. */
  readonly mark: string;
  readonly text: string;
}

export interface ExplainedPart extends JsonMap {
  readonly heading: string;
  readonly lines: readonly ExplainedLine[];
}

export interface Explanation extends JsonMap {
  readonly title: string;
  readonly about: string;
  readonly parts: readonly ExplainedPart[];
}

export function explain(plan: Plan<Node>, bounds: Bounds): Explanation {
  const about = `Version ${plan.hash.slice(0, 12)} of ${plan.file}. ${plan.owner} answers for it, and gets every run that cannot go on.`;
  const parts: ExplainedPart[] = [
    { heading: 'What it takes', lines: takes(plan.input) },
    { heading: 'What it does', lines: does(plan) },
    { heading: 'Who is asked', lines: asked(bounds) },
    { heading: 'What it changes, and what can be undone', lines: changes(bounds) },
    { heading: 'When it does not end well', lines: badly(bounds) },
    { heading: 'At the most', lines: most(bounds) },
  ];
  return { title: `${plan.name}: ${plain(plan.summary)}`, about, parts };
}

/** The same in two lines, for `firn validate`: what it may ask, change and tell, and how long it takes. */
export function guarantees(bounds: Bounds): readonly string[] {
  const { steps, questions, time, people, effects, tells, calls } = bounds;
  const asks =
    questions.at_most === 0 ? 'no question to a model' : `at most ${counted(questions.at_most, 'question')} to a model`;
  const none =
    questions.paths_without === 0
      ? 'every path can put one'
      : `${counted(questions.paths_without, 'path puts', 'paths put')} none`;
  const free = questions.at_most === 0 ? '' : `; ${none}`;
  const kept = effects.flatMap(({ step, undo }) => (undo === null ? [step] : []));
  const parts = [
    people.length === 0 ? 'asks nobody' : `asks ${grouped(people.map(({ role, step }) => [role, step]))}`,
    effects.length === 0 ? 'changes nothing' : `changes ${grouped(effects.map(({ on, step }) => [on, step]))}`,
    ...(kept.length === 0
      ? []
      : [`cannot undo ${kept.length === effects.length ? 'it' : shortened(listed(kept), 80)}`]),
    ...(calls.length === 0 ? [] : [`calls ${grouped(calls.map(({ workflow, step }) => [workflow, step]))}`]),
    ...(tells.length === 0
      ? []
      : [`tells ${listed([...new Set(tells.map(({ who }) => (who === 'customer' ? 'the customer' : who)))])}`]),
    time.longest_ms < time.ends_within_ms
      ? `takes at most ${spoken(time.longest_ms)}`
      : `takes until its deadline, ${spoken(time.ends_within_ms)}`,
  ];
  return [`${counted(steps, 'step')}, ${asks}${free}`, parts.join('; ')];
}

/** "returns-desk (reason, approval) and support (note)". */
function grouped(pairs: readonly (readonly [string, string])[]): string {
  const groups = new Map<string, string[]>();
  for (const [name, step] of pairs) groups.set(name, [...(groups.get(name) ?? []), step]);
  return listed([...groups].map(([name, steps]) => `${name} (${shortened(steps.join(', '), 80)})`));
}

function line(text: string, mark = '', level = 0): ExplainedLine {
  return { level, mark, text };
}

function takes(input: JsonMap): ExplainedLine[] {
  const { properties, required } = input;
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const fields = isJsonMap(properties) ? Object.entries(properties) : [];
  if (fields.length === 0) return [line('Nothing: it is started without any input.')];
  return fields.map(([name, schema]) => {
    const described = isJsonMap(schema) ? kindOfField(schema) : 'any value';
    return line(`${described}${needed.includes(name) ? '' : '; may be left out'}.`, `${plain(name)}:`);
  });
}

function kindOfField(schema: JsonMap): string {
  const { type, maxLength, maxItems, items, format, enum: values, properties } = schema;
  if (Array.isArray(values))
    return `one of ${shortened(
      listed(
        values.map((value) => plain(String(value))),
        'or',
      ),
      200,
    )}`;
  if (type === 'array') {
    const item = isJsonMap(items) ? kindOfField(items) : 'value';
    return `a list${typeof maxItems === 'number' ? ` of at most ${count(maxItems)}` : ''}, each ${item}`;
  }
  if (type === 'object') {
    const names = isJsonMap(properties) ? Object.keys(properties).map(plain) : [];
    return `a map${names.length === 0 ? '' : ` with ${shortened(listed(names), 200)}`}`;
  }
  if (format === 'date-time') return 'an instant';
  if (type === 'string')
    return `a text${typeof maxLength === 'number' ? ` of at most ${count(maxLength)} characters` : ''}`;
  if (type === 'integer') return 'a whole number';
  if (type === 'number') return 'a number';
  return type === 'boolean' ? 'yes or no' : 'any value';
}

function does(plan: Plan<Node>): ExplainedLine[] {
  const lines: ExplainedLine[] = [];
  walk(0, '', 0, plan, lines);
  return lines;
}

function walk(block: number, before: string, level: number, plan: Plan<Node>, lines: ExplainedLine[]): void {
  let number = 0;
  for (const index of plan.blocks[block]?.steps ?? []) {
    const node = plan.nodes[index];
    if (node === undefined) continue;
    number += 1;
    const mark = `${before}${number}`;
    const name = node.id === undefined ? '' : `${node.id}: `;
    lines.push(line(`${name}${sentence(node, plan)}`, `${mark}.`, level));
    for (const [place, { heading, block: inside }] of branches(node).entries()) {
      const letter = heading === '' ? '' : String.fromCharCode('a'.charCodeAt(0) + (place % 26));
      if (heading !== '') {
        const empty = (plan.blocks[inside]?.steps ?? []).length === 0 ? ' nothing more' : '';
        lines.push(line(`${heading}:${empty}`, `${mark}${letter}`, level + 1));
      }
      walk(inside, `${mark}${letter}.`, level + (heading === '' ? 1 : 2), plan, lines);
    }
  }
}

/** The blocks of a step, each with what leads there; a loop's has nothing to say. */
export function branches(node: Node): readonly { readonly heading: string; readonly block: number }[] {
  switch (node.verb) {
    case 'switch':
      return node.cases.map(({ is, when, block }) => ({
        heading: is === undefined ? (when === undefined ? 'else' : `if {${plain(when.source)}}`) : plain(is),
        block,
      }));
    case 'for_each':
    case 'repeat':
      return [{ heading: '', block: node.block }];
    case 'parallel':
    case 'race':
      return node.branches.map(({ name, block }) => ({ heading: name, block }));
    case 'try':
      return [
        { heading: '', block: node.block },
        ...node.catches.map(({ on, block }) => ({
          heading: on === undefined ? 'if anything fails' : `if it fails with ${listed(on.map(plain), 'or')}`,
          block,
        })),
        ...(node.finally === undefined ? [] : [{ heading: 'whatever came of it', block: node.finally }]),
      ];
    default:
      return [];
  }
}

function asked({ people, owner, tells }: Bounds): ExplainedLine[] {
  const lines = people.map((person) => line(askedOf(person, owner), `${person.step}:`));
  if (lines.length === 0) lines.push(line('Nobody, as long as all goes well.'));
  const told = [...new Set(tells.map(({ who }) => (who === 'customer' ? 'the customer' : who)))];
  if (told.length > 0) lines.push(line(`Messages go to ${listed(told)}.`));
  return lines;
}

function askedOf({ role, verb, always, waits_ms, otherwise, at_most }: PersonBounds, owner: string): string {
  const how =
    verb === 'decide' ? 'only where rules and model leave it open' : always ? 'in every run' : 'on some paths';
  const often = at_most > 1 ? `, up to ${counted(at_most, 'time')}` : '';
  const long = waits_ms === null ? 'It waits as long as the run may' : `It waits ${spoken(waits_ms)}`;
  const then = {
    rejected: 'then it counts as a no',
    caught: 'then the flow goes on by itself, as it says',
    'handed over': `then the run is handed to ${owner}`,
  }[otherwise];
  return `A person of ${role} (${how}${often}). ${long}; if nobody answers, ${then}.`;
}

function changes({ effects, calls, sends }: Bounds): ExplainedLine[] {
  const lines = effects.map(({ step, verb, on, happens, undo, at_most }) => {
    const often = at_most > 1 ? `, up to ${counted(at_most, 'time')}` : '';
    return line(
      `${verb} in ${on}${often}: ${HAPPENS[happens]}. ${undo === null ? 'It cannot be undone by the run.' : 'It can be undone.'}`,
      `${step}:`,
    );
  });
  for (const { step, workflow, detached, at_most, undo } of calls) {
    const often = at_most > 1 ? `, up to ${counted(at_most, 'time')}` : '';
    const after = detached
      ? 'it goes its own way, also when this run does not end well'
      : undo !== null
        ? 'it can be undone'
        : 'what it did stays once it has ended well';
    lines.push(line(`the workflow ${workflow}${often}: ${after}.`, `${step}:`));
  }
  for (const { step, message } of sends)
    lines.push(line(`the message "${message}" to another run; it cannot be called back.`, `${step}:`));
  return lines.length === 0 ? [line('Nothing outside the run.')] : lines;
}

const HAPPENS = {
  'exactly once': 'happens exactly once, whatever is killed in between',
  'at least once': 'happens at least once: after a crash it may happen twice',
  'once or unknown': 'is tried once; when nobody can tell what came of it, a person is told',
  'once by its key': 'happens once, as far as the other side honours its key',
  repeatable: 'may be sent again; by its declaration twice is as once',
} as const;

function badly({ effects, calls, tells, owner, time }: Bounds): ExplainedLine[] {
  const lines: ExplainedLine[] = [];
  const undoable = [...effects, ...calls].filter(({ undo }) => undo !== null).map(({ step }) => step);
  const limit = `A failure that nothing in the flow answers, or not being finished within ${spoken(time.ends_within_ms)}, hands the run to ${owner} with all that is known of it.`;
  lines.push(line(limit));
  if (undoable.length > 0) {
    lines.push(
      line(
        `Then, and when a run is refused, failed or cancelled, what ${listed(undoable)} did is undone, newest first.`,
      ),
    );
  }
  if (undoable.length > 0 && tells.length > 0) {
    lines.push(
      line(
        'What was done before a message went out stays: somebody may have been told. A message that cannot be delivered goes to the owner.',
      ),
    );
  }
  if (effects.some(({ undo }) => undo === null)) {
    const kept = effects.filter(({ undo }) => undo === null).map(({ step }) => step);
    lines.push(line(`What ${listed(kept)} did stays.`));
  }
  return lines;
}

function most({ steps, undos, steps_at_most, questions, time, history }: Bounds): ExplainedLine[] {
  const lines = [
    line(
      `${counted(steps, 'step')} written down${undos === 0 ? '' : `, and ${count(undos)} to undo them`}; a run starts at most ${count(steps_at_most)}.`,
    ),
    line(questionsLine(questions)),
    line(timeLine(time)),
  ];
  if (history.at_once_at_most > 1)
    lines.push(line(`Up to ${counted(history.at_once_at_most, 'thing')} at the same time.`));
  return lines;
}

/** "At most 2 questions to a model (reason); 3 paths put none." */
export function questionsLine({ at_most, in_called, paths_without, steps }: Bounds['questions']): string {
  if (at_most === 0) return 'No question to a model.';
  const where = [
    ...(steps.length === 0 ? [] : [listed(steps)]),
    ...(in_called === 0 ? [] : [`${count(in_called)} in called workflows`]),
  ];
  const none =
    paths_without === 0 ? 'Every path can put one.' : `${counted(paths_without, 'path puts', 'paths put')} none.`;
  return `At most ${counted(at_most, 'question')} to a model (${where.join('; ')}). ${none}`;
}

export function timeLine({ longest_ms, ends_within_ms, without_limit }: Bounds['time']): string {
  if (longest_ms < ends_within_ms)
    return `By its own deadlines it takes at most ${spoken(longest_ms)}; it must end within ${spoken(ends_within_ms)}.`;
  const why =
    without_limit.length === 0
      ? ''
      : `: ${listed(without_limit)} ${without_limit.length === 1 ? 'waits' : 'wait'} without a limit of ${without_limit.length === 1 ? 'its' : 'their'} own`;
  return `It can take until its deadline, ${spoken(ends_within_ms)} after its start${why}.`;
}
