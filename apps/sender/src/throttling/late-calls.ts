import type { Clock } from '@common/kernel';

/** In which the platform counts calls (messaging reference §7.1). */
const WINDOW_MS = 1_000;
/** A way that is a little longer is what the platform's limit above ours is for. */
const NOTHING_MS = 10;
/** Slots after such a pause are not of the same second any more. */
const MOST_MS = 250;

/**
 * How far the slots of a bucket must move because a call left after its own. A process that is always late by the same
 * keeps its distances: only what comes on top of the last second's lateness counts.
 */
export class LateCalls {
  private readonly moved = new Map<string, { readonly atMs: number; readonly byMs: number }[]>();

  constructor(private readonly clock: Clock) {}

  /** @returns ms, 0 when the slots may stay where they are */
  moveFor(bucketKey: string, lateMs: number): number {
    if (lateMs <= NOTHING_MS) return 0;
    const now = this.clock.now();
    this.forgetBefore(now - WINDOW_MS);
    const moves = this.moved.get(bucketKey) ?? [];
    const known = moves.reduce((sum, { byMs }) => sum + byMs, 0);
    const byMs = Math.min(lateMs, MOST_MS) - known;
    if (byMs <= NOTHING_MS) return 0;
    this.moved.set(bucketKey, [...moves, { atMs: now, byMs }]);
    return byMs;
  }

  /** Apps come and go. */
  private forgetBefore(atMs: number): void {
    for (const [key, moves] of this.moved) {
      const left = moves.filter((one) => one.atMs > atMs);
      if (left.length > 0) this.moved.set(key, left);
      else this.moved.delete(key);
    }
  }
}
