import type { Bucket } from './send-budget.port';

/** The answer to "may one call be made?". */
export type Slot =
  | { readonly isGranted: true; readonly waitMs: number; readonly takenAtUs: number }
  /** `waitMs`: asking earlier is useless. */
  | { readonly isGranted: false; readonly waitMs: number };

/** Where lanes take their time slots from. */
export interface Slots {
  /** `must` takes the next slot, however far it is; `may` only one that nobody else wants. */
  take(bucket: Bucket, how: 'must' | 'may'): Promise<Slot>;
}
