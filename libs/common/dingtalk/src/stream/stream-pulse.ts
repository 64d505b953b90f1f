import type { Clock } from '@common/kernel';

/** Something whose pulse is taken. */
export interface Pulsing {
  /** @returns after how many pauses it wants to be asked again; 0: never. Must not throw. */
  beat(): number;
}

/** How fine a pause is divided: connections that are due together are asked together. */
const PARTS = 20;

/**
 * One timer for the heartbeats of all connections of a process: there are thousands of them, and a timer with a promise
 * each would weigh more than what it watches. A beat comes up to a twentieth of a pause late.
 */
export class StreamPulse {
  /** When each is due, in parts of a pause since `startMs`. */
  private readonly due = new Map<Pulsing, number>();
  private readonly startMs: number;
  /** Null: nobody is there to be asked. */
  private sleeping: AbortController | null = null;

  /** @param pauseMs between two beats */
  constructor(
    private readonly clock: Clock,
    private readonly pauseMs: number,
  ) {
    this.startMs = clock.now();
  }

  add(one: Pulsing): void {
    this.plan(one, 1);
    if (this.sleeping === null) void this.watch();
  }

  remove(one: Pulsing): void {
    this.due.delete(one);
    if (this.due.size > 0) return;
    this.sleeping?.abort();
    this.sleeping = null;
  }

  /** Whoever is added later is due later than all that are there: nobody is due while it sleeps. */
  private async watch(): Promise<void> {
    const sleeping = new AbortController();
    this.sleeping = sleeping;
    while (!sleeping.signal.aborted) {
      const atMs = this.startMs + this.next() * this.partMs;
      await this.clock.sleep(Math.max(1, atMs - this.clock.now()), sleeping.signal);
      if (!sleeping.signal.aborted) this.beat();
    }
  }

  private next(): number {
    let next = Number.MAX_SAFE_INTEGER;
    for (const due of this.due.values()) next = Math.min(next, due);
    return next;
  }

  private beat(): void {
    const now = Math.floor((this.clock.now() - this.startMs) / this.partMs);
    for (const [one, due] of this.due) {
      if (due > now) continue;
      const pauses = one.beat();
      if (pauses > 0) this.plan(one, pauses);
      else this.remove(one);
    }
  }

  private plan(one: Pulsing, pauses: number): void {
    const inMs = this.clock.now() - this.startMs + pauses * this.pauseMs;
    this.due.set(one, Math.ceil(inMs / this.partMs));
  }

  private get partMs(): number {
    return this.pauseMs / PARTS;
  }
}
