import type { Incarnation } from '@common/bootstrap';
import { AppError } from '@common/kernel';

/** Our lease ran out or will before the call could end: somebody else may be showing this answer. */
export class LeaseLostError extends AppError {
  readonly code = 'lease_lost';
  readonly retry = 'never';

  constructor() {
    super('the lease on this delivery is over');
  }
}

/** The right to act for one delivery: this process's lease in the term in which it claimed the delivery. */
export class Lease {
  private readonly term: number;

  constructor(
    private readonly incarnation: Incarnation,
    private readonly callTimeoutMs: number,
  ) {
    this.term = incarnation.term;
  }

  /** Before every call to the platform: the lease must outlive the call. @throws LeaseLostError */
  async mustHold(): Promise<void> {
    if (!(await this.incarnation.holdsFor(this.callTimeoutMs, this.term)))
      throw new LeaseLostError();
  }
}
