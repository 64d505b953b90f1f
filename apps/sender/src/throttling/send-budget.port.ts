/** Whose calls are counted: one bucket per app and API path template, as the platform counts (messaging reference §7.1). */
export interface Bucket {
  readonly tenantId: string;
  readonly channelId: string;
  readonly clientId: string;
  readonly path: string;
  /** What the operator allows; a lower ceiling may have been learned. */
  readonly callsPerSecond: number;
}

/**
 * What a call is for; earlier ones go first. `frame` is an intermediate frame: it goes only while nobody else wants to.
 * `notice` has a share of its own: a fifth while answers wait, all that is left over else.
 */
export const callPurposes = ['final', 'create', 'text', 'notice', 'frame'] as const;
export type CallPurpose = (typeof callPurposes)[number];

export interface BudgetRequest {
  readonly bucket: Bucket;
  readonly purpose: CallPurpose;
  /** Who shares the budget fairly with others: a thread, or one notice. */
  readonly flow: string;
}

/** The right to make one call now. */
export interface Grant {
  /** When the slot was taken, in µs of the clock that all senders share; 0 when no such clock could be asked. */
  readonly takenAtUs: number;
  /** When the call was to be made, by this process's clock. */
  readonly dueAtMs: number;
}

/** Keeps all senders together below what a platform allows (P7). Other platforms bring their own. */
export abstract class SendBudget {
  /**
   * Waits for the right to make one call. What is said in the call is best decided after this: a frame that waited long
   * then carries the newest text.
   * @returns null when the signal was aborted before
   */
  abstract turn(request: BudgetRequest, signal: AbortSignal): Promise<Grant | null>;

  /** The call goes out now. One that comes later than it was to moves those that have no slot yet. */
  abstract leaves(bucket: Bucket, grant: Grant): void;

  /** Whether calls of this app had to wait or were refused a moment ago: then make no call that can be left out. */
  abstract isTight(clientId: string): boolean;

  /** The platform said "too fast": nobody calls for `pauseMs`, and afterwards all call less often. */
  abstract tooFast(bucket: Bucket, grant: Grant, pauseMs: number): Promise<void>;
}
