import type { CardPace } from '@common/domain';

interface PacePlan {
  /** Pauses before the 1st, 2nd … intermediate frame, in ms; the last one repeats. */
  readonly pausesMs: readonly number[];
  readonly maxFrames: number;
}

/**
 * Dense at the start, where a reader gains most, sparse later. With create, final frame and (public templates) closing
 * update an answer costs at most 8 calls (`balanced`) or 4 (`thrifty`).
 */
const plans: Readonly<Record<CardPace, PacePlan>> = {
  smooth: { pausesMs: [0, 800], maxFrames: Number.POSITIVE_INFINITY },
  balanced: { pausesMs: [0, 700, 1_500, 3_000, 6_000], maxFrames: 5 },
  thrifty: { pausesMs: [1_200], maxFrames: 1 },
  off: { pausesMs: [0], maxFrames: 0 },
};

/** When the next intermediate frame of one card may be shown. */
export class FramePace {
  private shown = 0;
  private lastAtMs: number;

  constructor(
    private readonly pace: CardPace,
    startedAtMs: number,
  ) {
    this.lastAtMs = startedAtMs;
  }

  /** Milliseconds until a frame is due; Infinity when no more come. */
  waitMs(nowMs: number): number {
    const { pausesMs, maxFrames } = plans[this.pace];
    if (this.shown >= maxFrames) return Number.POSITIVE_INFINITY;
    const pause = pausesMs[Math.min(this.shown, pausesMs.length - 1)] ?? 0;
    return Math.max(0, this.lastAtMs + pause - nowMs);
  }

  frameShown(nowMs: number): void {
    this.shown += 1;
    this.lastAtMs = nowMs;
  }
}
