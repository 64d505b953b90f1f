import type { EgressGate } from '../platform/egress-gate.service';
import { type Bucket, type BudgetRequest, type Grant, SendBudget } from './send-budget.port';

/** Grants every turn, after a wait if the spec has one; keeps what it was asked and told. */
export class FakeBudget extends SendBudget {
  readonly asked: BudgetRequest[] = [];
  readonly pauses: number[] = [];
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
    return signal.aborted ? null : { takenAtUs: 1 };
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
