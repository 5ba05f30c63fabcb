/**
 * How set-up work says what it does: steps with a name, a purpose, progress and an end. Printing is the caller's.
 *
 * HOST. Nothing in setup/ writes to a terminal; it tells a Reporter, and cli/ or scripts/ decide how that looks.
 */
import { messageOf } from '../language/plan/failure.js';

export interface StepReport {
  /** Replaces the line that says what is going on: "downloading 44.5 MB". */
  progress(text: string, fraction?: number): void;
  /** A line of its own that stays. */
  note(text: string): void;
}

export interface Reporter {
  /** A step begins: "Temporal server", "finding a server that answers, or starting one". */
  begin(name: string, about: string): StepReport;
  /** It ended well; `said` is the result in a few words: "started 1.9.1 on 127.0.0.1:7233". */
  end(name: string, said: string, took_ms: number): void;
  /** It ended badly, and the start cannot go on, or goes on without it. */
  failed(name: string, said: string, took_ms: number): void;
}

export const SILENT: Reporter = {
  begin: () => ({ progress: () => undefined, note: () => undefined }),
  end: () => undefined,
  failed: () => undefined,
};

/** Runs one step; what `work` returns carries the words for the end. */
export async function step<T extends { readonly said: string }>(
  reporter: Reporter,
  name: string,
  about: string,
  work: (report: StepReport) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const took_ms = (): number => Math.round(performance.now() - started);
  const report = reporter.begin(name, about);
  try {
    const result = await work(report);
    reporter.end(name, result.said, took_ms());
    return result;
  } catch (error) {
    reporter.failed(name, messageOf(error), took_ms());
    throw error;
  }
}
