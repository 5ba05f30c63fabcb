/**
 * What only waits: let go when the run continues as new, and taken up again there.
 *
 * SANDBOX. Work in flight is never let go for this; only timers, people and messages are.
 */
import { CancellationScope, isCancellation } from '@temporalio/workflow';

/** What a wait rejects with when the run is about to continue as new. No failure, and no cancellation either. */
export class Suspension extends Error {
  constructor() {
    super('the run is about to continue as new');
    this.name = 'Suspension';
  }
}

export class Waits {
  private isSuspended = false;
  private readonly scopes = new Set<CancellationScope>();

  get suspended(): boolean {
    return this.isSuspended;
  }

  /** Runs what only waits; rejects with a `Suspension` from the moment on that the run continues as new. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.isSuspended) throw new Suspension();
    const scope = new CancellationScope({ cancellable: true });
    this.scopes.add(scope);
    try {
      return await scope.run(work);
    } catch (error) {
      const around = CancellationScope.current().consideredCancelled;
      throw this.suspended && !around && isCancellation(error) ? new Suspension() : error;
    } finally {
      this.scopes.delete(scope);
    }
  }

  suspend(on: boolean): void {
    this.isSuspended = on;
    if (on) for (const scope of [...this.scopes]) scope.cancel();
  }
}
