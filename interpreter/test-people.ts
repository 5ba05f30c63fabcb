/**
 * People in tests: what somebody decides and when, checked as the inbox would check it.
 *
 * PURE.
 */
import type { OpenItem, PersonDecision } from '../language/plan/host.js';
import { conform } from '../language/expressions/conform.js';
import { ANSWERED, NONE_OF_THESE } from '../language/plan/messages.js';
import { NOBODY, type People, type PersonScript } from '../language/plan/test-case.js';
import { plainPath } from './test-answers.js';
import { CaseProblem } from './test-world.js';

/** What was found for an item, the same whenever it is asked for. */
interface Found {
  /** Epoch milliseconds at which the item opened. */
  readonly opened_ms: number;
  readonly script: PersonScript;
}

export class TestPeople {
  private readonly people: ReadonlyMap<string, People>;
  private readonly found = new Map<string, Found>();
  /** Times that each entry of the case has been asked. */
  private readonly asked = new Map<string, number>();

  constructor(people: ReadonlyMap<string, People>) {
    this.people = people;
  }

  /** Who decides this item; a run that continues as new asks again for what is open already. */
  find(item: string, now_ms: number): Found {
    const before = this.found.get(item);
    if (before !== undefined) return before;
    const name = this.people.has(item) ? item : plainPath(item);
    const people = this.people.get(name);
    const turn = this.asked.get(name) ?? 0;
    this.asked.set(name, turn + 1);
    const script = people !== undefined && 'in_turn' in people ? people.in_turn[turn] : people;
    const found = { opened_ms: now_ms, script: script ?? NOBODY };
    this.found.set(item, found);
    return found;
  }

  /** Decisions of the case that nobody was asked for, one sentence for each step. */
  unused(): string[] {
    return [...this.people].flatMap(([name, people]) => {
      const scripts = 'in_turn' in people ? people.in_turn : [people];
      const asked = this.asked.get(name) ?? 0;
      if (asked >= scripts.length || scripts.every((one) => one.default === true)) return [];
      const said = scripts.length === 1 ? 'nobody was asked' : `${asked} of ${scripts.length} times somebody was asked`;
      return [`people.${name}: the case says what is decided, and ${said}: take out what is not used`];
    });
  }
}

/** The decision, without its time. Throws a `CaseProblem` where the inbox would refuse it: no case passes with it. */
export function decisionOf(item: OpenItem, script: PersonScript): Omit<PersonDecision, 'at'> {
  const { decision, comment, values, by = `somebody of ${item.role}` } = script;
  if (item.form === undefined) checkListed(item, script);
  else checkForm(item, script);
  if (item.not_by === by) throw new CaseProblem(`"${item.id}" is not for ${by} to decide: \`not_by\` names them`);
  return {
    item: item.id,
    decision: item.form === undefined ? decision : ANSWERED,
    by,
    ...(comment === undefined ? {} : { comment }),
    ...(values === undefined ? {} : { values }),
  };
}

function checkListed(item: OpenItem, { decision, comment }: PersonScript): void {
  const allowed = item.kind === 'approve' ? ['approve', 'reject'] : [...(item.answers ?? []), NONE_OF_THESE];
  if (!allowed.includes(decision)) {
    throw new CaseProblem(`nobody can answer "${item.id}" with "${decision}"; it can be: ${allowed.join(', ')}`);
  }
  if (decision === 'reject' && comment === undefined)
    throw new CaseProblem(`"${item.id}" is rejected without a comment, which says why`);
}

function checkForm({ id, form = {} }: OpenItem, { values = {} }: PersonScript): void {
  const wrong = conform(form, values, 'values');
  if (wrong !== undefined) throw new CaseProblem(`"${id}" cannot be answered so: ${wrong}`);
}
