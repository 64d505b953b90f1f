import { fullJitterMs } from '@common/kernel';

import type { ConnectionFault } from './connection-fault';

/** A connection that lived this long may come back at once… */
const PROVEN_MS = 5_000;
/** …and one that lived this long has ended the trouble: back-off starts anew. */
const HEALTHY_MS = 60_000;
const AT_ONCE_JITTER_MS = 50;
/** At most this many calls of `connections/open` in any window, whatever the dice say (C15). */
const MAX_OPENS = 8;
const WINDOW_MS = 60_000;

/**
 * When to open the next connection. Back-off grows over failed attempts and over connections that the server drops
 * right after accepting them alike (C17); it is reset by a life of a minute, not by a handshake.
 */
export class ReconnectPolicy {
  private attempt = 0;
  /** Times of the last opens, oldest first. */
  private opens: number[] = [];

  constructor(private readonly random: () => number = Math.random) {}

  /** Wait in ms after a connection has ended or announced its end. */
  afterEnd(livedMs: number): number {
    if (livedMs >= HEALTHY_MS) this.attempt = 0;
    if (livedMs >= PROVEN_MS) return Math.round(this.random() * AT_ONCE_JITTER_MS);
    return this.backOff();
  }

  /** Wait in ms after an attempt that brought no connection. */
  afterFault({ atLeastMs }: ConnectionFault): number {
    const backOffMs = this.backOff();
    // Spread too: a gateway may have many channels with the same fault.
    return atLeastMs === undefined ? backOffMs : Math.round(atLeastMs * (1 + 0.25 * this.random()));
  }

  /** Further wait in ms until an open stays within the budget. */
  untilBudget(nowMs: number): number {
    const oldest = this.opens.length < MAX_OPENS ? undefined : this.opens[0];
    return oldest === undefined ? 0 : Math.max(0, oldest + WINDOW_MS - nowMs);
  }

  opened(nowMs: number): void {
    this.opens = [...this.opens, nowMs].slice(-MAX_OPENS);
  }

  private backOff(): number {
    return fullJitterMs(this.attempt++, { random: this.random });
  }
}
