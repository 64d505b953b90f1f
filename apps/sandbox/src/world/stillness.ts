const TICK_MS = 10;
/** A tick that is later by more than this was held up. */
const STILL_MS = 40;
/** So soon after a standstill what is seen may be of those who waited meanwhile. */
const BACKLOG_MS = 50;

/**
 * Knows when this process stood still because the machine had no core for it. A platform of many machines never does: calls
 * that wait here for one to end must not be taken for calls that came all at once.
 */
export class Stillness {
  private lastAt: number;
  private still = { fromMs: 0, untilMs: 0 };

  constructor(private readonly now: () => number = Date.now) {
    this.lastAt = now();
    setInterval(() => this.tick(), TICK_MS).unref();
  }

  /** When something that is seen now may have come at the earliest. */
  earliest(): number {
    this.tick();
    return this.lastAt - this.still.untilMs <= BACKLOG_MS ? this.still.fromMs : this.lastAt;
  }

  private tick(): void {
    const now = this.now();
    if (now - this.lastAt > STILL_MS) this.still = { fromMs: this.lastAt, untilMs: now };
    this.lastAt = now;
  }
}
