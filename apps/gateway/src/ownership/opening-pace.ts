import type { Clock } from '@common/kernel';

/** First connections under way at a time: hundreds that come to one gateway must not ask the platform in one moment. */
const MAX_UNDER_WAY = 50;
/** One that takes longer counts no more: a platform that hangs for some channels does not hold up the others. */
const PATIENCE_MS = 3_000;
/** Several gateways may begin at the same time: each opening waits up to so long per one that is under way. */
const SPREAD_MS = 4;

/** Lets channels be opened so many at a time: after a boot, or when another gateway is gone. Reconnects do not queue. */
export class OpeningPace {
  /** When the first attempt of each began. */
  private readonly underWay = new Map<string, number>();
  private readonly waiting = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {}

  /** Whether the channel may be opened now; else it waits until `takeNext` names it, or asks again. */
  admit(channelId: string): boolean {
    if (this.room === 0) {
      this.waiting.add(channelId);
      return false;
    }
    this.waiting.delete(channelId);
    this.underWay.set(channelId, this.clock.now());
    return true;
  }

  /** Its first attempt is over, however it ended. Said twice it does no harm. */
  over(channelId: string): void {
    this.underWay.delete(channelId);
  }

  /** Those for whom there is room by now, in the order they came; they may have changed their minds. */
  takeNext(): string[] {
    if (this.waiting.size === 0) return [];
    const next = [...this.waiting].slice(0, this.room);
    next.forEach((id) => this.waiting.delete(id));
    return next;
  }

  /** How long an opening waits, in ms: not at all when it is the only one. */
  get jitterMs(): number {
    return Math.max(0, this.underWay.size - 1) * SPREAD_MS * this.random();
  }

  private get room(): number {
    const sinceMs = this.clock.now() - PATIENCE_MS;
    for (const [id, startedAtMs] of this.underWay)
      if (startedAtMs <= sinceMs) this.underWay.delete(id);
    return Math.max(0, MAX_UNDER_WAY - this.underWay.size);
  }
}
