/** Pause between two beats of a gateway; one beat renews all its leases. */
export const BEAT_MS = 2_000;

/** Who holds a seat of a channel. It lasts as long as its holder is seen. */
export interface Lease {
  readonly holder: string;
  /** Fencing token: every change of a lease has a higher one, also after Redis was wiped. */
  readonly token: number;
  /** When the holder's connection was opened, by its clock. */
  readonly sinceMs: number;
  /** When it was granted, by Redis's clock. */
  readonly grantedAtMs: number;
}

export interface Member {
  readonly id: string;
  /** It takes no channels any more and waits until others have taken its own. */
  readonly isLeaving: boolean;
  readonly seenAgoMs: number;
}

/** What Redis knows of the gateways. */
export interface LedgerState {
  /** Redis's clock. */
  readonly nowMs: number;
  /** Another one than before: Redis has lost everything meanwhile. */
  readonly epoch: string;
  readonly members: readonly Member[];
  /** By seat. */
  readonly leases: ReadonlyMap<string, Lease>;
}

/** A wish to hold a seat; granted only while the lease is what the wish was made upon. */
export interface Claim {
  readonly seat: string;
  /** Token of the lease that is replaced; null: there must be none. */
  readonly replaces: number | null;
  readonly sinceMs: number;
  readonly reason: ClaimReason;
}
/** `new`: nobody held it. `takeover`: its holder is gone. `move`: its holder gives it up. `renew`: ours, reconnected. */
export type ClaimReason = 'new' | 'takeover' | 'move' | 'renew';

export interface Release {
  readonly seat: string;
  readonly token: number;
}

/** A channel has two seats; the second is for those that want two connections. */
export const seatsOf = (channelId: string): readonly [string, string] => [
  channelId,
  `${channelId}/2`,
];

export const channelOf = (seat: string): string => seat.split('/')[0] ?? seat;
