import type { CardPace } from '@common/domain';

interface PacePlan {
  /** Pauses before the 1st, 2nd … intermediate frame, in ms; the last one repeats. */
  readonly pausesMs: readonly number[];
  readonly maxFrames: number;
}

/**
 * Dense at the start, where a reader gains most, sparse later. With create, final frame and (public templates) closing
 * update an answer costs at most 8 calls (`balanced`) or 4 (`thrifty`). docs/operations.md has the sequences.
 */
const plans: Readonly<Record<CardPace, PacePlan>> = {
  smooth: { pausesMs: [0, 800], maxFrames: Number.POSITIVE_INFINITY },
  balanced: { pausesMs: [0, 1_000, 2_000, 4_000, 8_000], maxFrames: 5 },
  thrifty: { pausesMs: [1_200], maxFrames: 1 },
  off: { pausesMs: [0], maxFrames: 0 },
};

/** A frame that adds less than this part of what is shown can wait, but not longer than another such pause. */
const WORTH = 0.1;
const WORTH_MS = 1_500;

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
    return this.shown >= plans[this.pace].maxFrames
      ? Number.POSITIVE_INFINITY
      : Math.max(0, this.lastAtMs + this.pauseMs - nowMs);
  }

  /** Whether a reader gains enough from a frame that is due. The text must have grown. */
  isWorth(shownLength: number, length: number, nowMs: number): boolean {
    if (length <= shownLength) return false;
    const isOverdue = nowMs - this.lastAtMs >= this.pauseMs + WORTH_MS;
    return isOverdue || length - shownLength >= shownLength * WORTH;
  }

  frameShown(nowMs: number): void {
    this.shown += 1;
    this.lastAtMs = nowMs;
  }

  private get pauseMs(): number {
    const { pausesMs } = plans[this.pace];
    return pausesMs[Math.min(this.shown, pausesMs.length - 1)] ?? 0;
  }
}
