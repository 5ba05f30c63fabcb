/**
 * What a test host is told: when it begins, what the outside answers, and what befalls single attempts.
 *
 * PURE types.
 */
import type { ActivityCall, ReceivedMessage } from '../language/plan/host.js';
import type { Canned, People } from '../language/plan/test-case.js';

/** What befalls one attempt. */
export interface Fault {
  /** Absent: the attempt succeeds. */
  readonly code?: string;
  readonly message?: string;
  /** A write took effect although its attempt failed: the answer got lost. */
  readonly landed?: boolean;
  /** No further attempt is made. */
  readonly final?: boolean;
  readonly takes_ms?: number;
}

export interface TestHostOptions {
  readonly now_ms: number;
  /** Resolves when nothing that has been resolved is still being worked on: a turn of the event loop. */
  readonly idle: () => Promise<void>;
  readonly steps?: ReadonlyMap<string, Canned>;
  readonly people?: ReadonlyMap<string, People>;
  /** Messages that come, each at its time, and where the run keeps them. */
  readonly messages?: readonly ReceivedMessage[];
  readonly inbox?: () => ReceivedMessage[];
  /** Epoch milliseconds at which somebody cancels the run. */
  readonly cancel_at_ms?: number;
  readonly mustContinue?: () => boolean;
  /** Asked before each attempt; attempts count from 1. */
  readonly faults?: (call: Pick<ActivityCall, 'id' | 'type'>, attempt: number) => Fault | undefined;
}
