import type { Payer, Used, UsageLedger } from './usage-ledger.service';

/** Keeps what it was told. */
export class FakeLedger {
  readonly counted: Used[] = [];
  readonly refusals: string[] = [];

  // The class is nominal by its private fields; these two are all that is called.
  readonly ledger = {
    count: (_payer: Payer, used: Used) => void this.counted.push(used),
    refused: (_payer: Payer, kind: string) => Promise.resolve(void this.refusals.push(kind)),
  } as unknown as UsageLedger;
}
