/**
 * Bounds: what a definition can do at the most, known before anything runs.
 *
 * PURE types, JSON-safe. They are no part of a plan, because nothing that runs needs them; the compiler gives both. Every
 * number is a worst case that holds for each run: of the choices that lead to different numbers, the largest counts.
 */
import type { JsonMap } from './json.js';

export interface Bounds extends JsonMap {
  /** Steps that the definition has, those of blocks included; what takes effects back is counted apart. */
  readonly steps: number;
  readonly undos: number;
  /** Steps that one run can start; a run that would start more fails. */
  readonly steps_at_most: number;
  readonly questions: QuestionBounds;
  readonly time: TimeBounds;
  readonly people: readonly PersonBounds[];
  /** The role that gets every run that cannot go on. */
  readonly owner: string;
  readonly effects: readonly EffectBounds[];
  readonly reads: readonly ReadBounds[];
  readonly tells: readonly TellBounds[];
  readonly receives: readonly MessageBounds[];
  readonly sends: readonly MessageBounds[];
  readonly calls: readonly CallBounds[];
  readonly endings: readonly EndingBounds[];
  readonly history: HistoryBounds;
}

/** Questions to a model, those of called workflows included. Retries after a crash are not counted. */
export interface QuestionBounds extends JsonMap {
  readonly at_most: number;
  /** Of these, in workflows that it calls. */
  readonly in_called: number;
  /**
   * A path is one choice at every `switch`, `race` and `try`, and at a `when` that skips a block or an end of the run. On
   * the paths counted here no question is put, where rules answer all that they could.
   */
  readonly paths_without: number;
  /** Steps that can ask. */
  readonly steps: readonly string[];
}

export interface TimeBounds extends JsonMap {
  /** The most that a run takes until it ends or is handed over; undoing comes on top. */
  readonly longest_ms: number;
  readonly ends_within_ms: number;
  /** Steps that wait without a limit of their own: only the deadline of the run ends them. */
  readonly without_limit: readonly string[];
}

export interface PersonBounds extends JsonMap {
  readonly step: string;
  readonly verb: string;
  readonly role: string;
  /** Null: as long as the run may. */
  readonly waits_ms: number | null;
  /** What comes when nobody answers. */
  readonly otherwise: 'rejected' | 'caught' | 'handed over';
  /** Asked in every run that gets to its end; else only on some paths. */
  readonly always: boolean;
  readonly at_most: number;
}

export interface EffectBounds extends JsonMap {
  readonly step: string;
  readonly verb: string;
  /** `connection.table`, `connection`, an activity or a tool. */
  readonly on: string;
  readonly at_most: number;
  readonly happens: 'exactly once' | 'at least once' | 'once or unknown' | 'once by its key' | 'repeatable';
  /** The step that takes it back; null where nothing does. */
  readonly undo: string | null;
}

export interface ReadBounds extends JsonMap {
  readonly step: string;
  readonly verb: string;
  readonly on: string;
}

export interface TellBounds extends JsonMap {
  readonly step: string;
  readonly who: string;
  readonly at_most: number;
}

export interface MessageBounds extends JsonMap {
  readonly step: string;
  readonly message: string;
  readonly at_most: number;
}

export interface CallBounds extends JsonMap {
  readonly step: string;
  readonly workflow: string;
  readonly detached: boolean;
  readonly at_most: number;
  /** The step that takes back what it did; null where nothing does. */
  readonly undo: string | null;
}

export interface EndingBounds extends JsonMap {
  readonly step: string;
  readonly ends: 'done' | 'refused' | 'failed';
}

/** What Temporal must hold between two points at which a run can continue as new. An estimate from above. */
export interface HistoryBounds extends JsonMap {
  readonly events_at_most: number;
  /** Of inputs and results whose size is declared. */
  readonly bytes_at_most: number;
  /** Effects that would have to be taken back in one stretch. */
  readonly undo_at_most: number;
  /** Activities and called workflows under way at the same time. */
  readonly at_once_at_most: number;
}
