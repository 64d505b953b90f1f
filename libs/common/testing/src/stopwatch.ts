const TICK_MS = 10;
/** A tick of a machine that has a core for us comes no later than this. */
const TICK_AT_MOST_MS = 2 * TICK_MS;

/** Where a watch reads the time, in ms: of the wall (one that nobody sets, and the epoch's), and what this process computed. */
export interface Dials {
  wallMs(): number;
  epochMs(): number;
  computedMs(): number;
}
const ofThisProcess: Dials = {
  wallMs: () => performance.now(),
  epochMs: () => Date.now(),
  computedMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};

/**
 * A watch that stands still while the machine does: time in which this process was due and got no core is not counted, for
 * it says nothing about what is measured. Waiting for others counts, and so does what this process computes itself. On a
 * machine with nothing else to do it shows what a clock on the wall shows.
 */
export class Stopwatch {
  private ownMs = 0;
  private wallMs: number;
  private readonly startedMs: number;
  private computedMs: number;
  private readonly standstills: { readonly fromMs: number; readonly untilMs: number }[] = [];
  private readonly ticking = setInterval(() => this.tick(), TICK_MS);

  constructor(private readonly dials: Dials = ofThisProcess) {
    this.wallMs = dials.wallMs();
    this.startedMs = this.wallMs;
    this.computedMs = dials.computedMs();
    this.ticking.unref();
  }

  get elapsedMs(): number {
    this.tick();
    return this.ownMs;
  }

  /** What it did not count. */
  get stoodStillMs(): number {
    this.tick();
    return this.wallMs - this.startedMs - this.ownMs;
  }

  stop(): void {
    clearInterval(this.ticking);
  }

  /** What it did not count between two moments of the epoch, in ms. */
  stoodStillBetween(fromMs: number, untilMs: number): number {
    this.tick();
    return this.standstills.reduce((sum, one) => {
      const ms = Math.min(untilMs, one.untilMs) - Math.max(fromMs, one.fromMs);
      return sum + Math.max(0, ms);
    }, 0);
  }

  private tick(): void {
    const [wallMs, computedMs] = [this.dials.wallMs(), this.dials.computedMs()];
    const passedMs = wallMs - this.wallMs;
    const countedMs = Math.min(passedMs, Math.max(TICK_AT_MOST_MS, computedMs - this.computedMs));
    if (countedMs < passedMs) {
      const untilMs = this.dials.epochMs();
      this.standstills.push({ fromMs: untilMs - passedMs + countedMs, untilMs });
    }
    this.ownMs += countedMs;
    [this.wallMs, this.computedMs] = [wallMs, computedMs];
  }
}

/** What some work came to, and how long it took by such a watch. */
export async function timed<T>(work: () => Promise<T>): Promise<{ value: T; tookMs: number }> {
  const watch = new Stopwatch();
  try {
    return { value: await work(), tookMs: watch.elapsedMs };
  } finally {
    watch.stop();
  }
}
