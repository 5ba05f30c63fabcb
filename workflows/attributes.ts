/**
 * Search attributes: what a list of runs can be filtered by.
 *
 * SANDBOX. Each upsert is an event of the history, so they are written when a run begins to wait for somebody else than
 * before, and at its end. One that the namespace does not know would leave the run stuck for ever: only those that
 * `open run` found are ever written. No personal data.
 */
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

type Pairs = Extract<Parameters<typeof upsertSearchAttributes>[0], readonly unknown[]>;

export interface Standing {
  readonly version: string;
  readonly owner: string;
  readonly ends_by_ms: number;
}

export class Attributes {
  private readonly known: ReadonlySet<string>;
  private readonly standing: Standing;
  private standingWritten: boolean;
  private waitingFor = '';
  private mayStillSayWaiting: boolean;

  constructor(known: readonly string[], standing: Standing) {
    this.known = new Set(known);
    this.standing = standing;
    // A run that continues as new has what the one before it wrote.
    const present = new Set(
      workflowInfo()
        .typedSearchAttributes.getAll()
        .map(({ key }) => key.name),
    );
    this.standingWritten = present.has('FirnVersion');
    this.mayStillSayWaiting = present.has('FirnWaitingFor');
  }

  /** The run now waits for these, steps and roles; an empty list says that it waits for nobody, where it said otherwise. */
  waiting(for_: readonly string[]): void {
    const text = for_.join('\n');
    if (text === this.waitingFor && (text !== '' || !this.mayStillSayWaiting)) return;
    this.waitingFor = text;
    this.mayStillSayWaiting = text !== '';
    this.upsert([{ key: { name: 'FirnWaitingFor', type: 'KEYWORD_LIST' }, value: text === '' ? null : [...for_] }]);
  }

  ended(outcome: string): void {
    this.upsert([
      { key: { name: 'FirnOutcome', type: 'KEYWORD' }, value: outcome },
      ...(this.mayStillSayWaiting
        ? [{ key: { name: 'FirnWaitingFor', type: 'KEYWORD_LIST' } as const, value: null }]
        : []),
    ]);
  }

  private upsert(pairs: Pairs): void {
    const all: Pairs = this.standingWritten ? pairs : [...pairs, ...this.first()];
    const known = all.filter((pair) => this.known.has(pair.key.name));
    if (known.length === 0) return;
    this.standingWritten = true;
    upsertSearchAttributes(known);
  }

  private first(): Pairs {
    return [
      { key: { name: 'FirnVersion', type: 'KEYWORD' }, value: this.standing.version },
      { key: { name: 'FirnOwner', type: 'KEYWORD' }, value: this.standing.owner },
      { key: { name: 'FirnEndsBy', type: 'DATETIME' }, value: new Date(this.standing.ends_by_ms) },
    ];
  }
}
