/** Time as the code may see it; tests inject their own. */
export abstract class Clock {
  /** Milliseconds since the epoch. */
  abstract now(): number;
  /** Resolves after `ms`, or at once when the signal is aborted. Never rejects. */
  abstract sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
