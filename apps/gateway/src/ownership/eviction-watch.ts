/** A newer connection of the other gateway explains the end of ours within this time, either way: claims take a moment. */
const TOGETHER_MS = 3_000;
/** The second time must come within this, or it is chance. */
const TWICE_WITHIN_MS = 120_000;

/**
 * Finds out that the platform closes the older of a channel's two connections each time a newer one opens: then two
 * gateways would take it from each other for ever. All times are Redis's, so that two gateways mean the same.
 */
export class EvictionWatch {
  /** When our connections ended by themselves. */
  private readonly losses = new Map<string, number>();
  /** When a newer connection of the other was the reason, and which. */
  private readonly evictions = new Map<string, { readonly atMs: number; readonly by: number }>();

  lost(channelId: string, atMs: number): void {
    this.losses.set(channelId, atMs);
  }

  /**
   * @param other the other gateway's lease, which is granted anew with each connection
   * @returns whether it has happened twice
   */
  isEvicted(
    channelId: string,
    other: { readonly token: number; readonly grantedAtMs: number },
  ): boolean {
    const lostAtMs = this.losses.get(channelId);
    const before = this.evictions.get(channelId);
    if (lostAtMs === undefined || before?.by === other.token) return false;
    if (Math.abs(other.grantedAtMs - lostAtMs) > TOGETHER_MS) return false;
    this.losses.delete(channelId);
    this.evictions.set(channelId, { atMs: lostAtMs, by: other.token });
    return before !== undefined && lostAtMs - before.atMs <= TWICE_WITHIN_MS;
  }

  forget(channelId: string): void {
    this.losses.delete(channelId);
    this.evictions.delete(channelId);
  }
}
