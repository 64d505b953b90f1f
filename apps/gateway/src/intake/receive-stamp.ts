/** Two microseconds: what Postgres keeps, with room for the rounding of a fraction of a millisecond. */
const STEP_MS = 0.002;

/**
 * Receive times of one process, strictly increasing: the order of a thread's messages is read from them (P3), and several
 * frames come within one millisecond.
 */
export class ReceiveStamp {
  private lastMs = 0;

  /** @returns `nowMs`, or a little more when that was given out before; a clock that jumps back does not reorder either */
  next(nowMs: number): number {
    this.lastMs = Math.max(nowMs, this.lastMs + STEP_MS);
    return this.lastMs;
  }
}

/** For Postgres, with microseconds. */
export function microIsoOf(ms: number): string {
  const micros = Math.round(ms * 1_000);
  const whole = new Date(Math.floor(micros / 1_000)).toISOString().slice(0, -1);
  return `${whole}${String(micros % 1_000).padStart(3, '0')}Z`;
}
