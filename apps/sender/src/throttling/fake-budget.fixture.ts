import type { EgressGate } from '../platform/egress-gate.service';
import { type Bucket, type BudgetRequest, type Grant, SendBudget } from './send-budget.port';

/** Grants every turn, after a wait if the spec has one; keeps what it was asked and told. */
export class FakeBudget extends SendBudget {
  readonly asked: BudgetRequest[] = [];
  readonly pauses: number[] = [];
  readonly left: { readonly path: string; readonly grant: Grant }[] = [];
  tight = false;

  constructor(
    private readonly wait: (request: BudgetRequest, signal: AbortSignal) => Promise<void> = () =>
      Promise.resolve(),
  ) {
    super();
  }

  async turn(request: BudgetRequest, signal: AbortSignal): Promise<Grant | null> {
    this.asked.push(request);
    await this.wait(request, signal);
    return signal.aborted ? null : { takenAtUs: 1, dueAtMs: 0 };
  }

  leaves(bucket: Bucket, grant: Grant): void {
    this.left.push({ path: bucket.path, grant });
  }

  isTight(): boolean {
    return this.tight;
  }

  tooFast(_bucket: Bucket, _grant: Grant, pauseMs: number): Promise<void> {
    this.pauses.push(pauseMs);
    return Promise.resolve();
  }
}

/** A gate that lets every call out. */
export const anOpenGate = (): EgressGate =>
  // The class is nominal by its private fields; these are all that is called.
  ({ stoppedForMs: 0, pass: () => Promise.resolve() }) as unknown as EgressGate;
