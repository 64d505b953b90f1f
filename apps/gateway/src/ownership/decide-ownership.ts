import { type Claim, type Lease, type Release, seatsOf } from './lease';
import { holdersOf } from './rendezvous';

/** Who shares the channels, as far as this gateway knows. */
export interface View {
  readonly me: string;
  /** Redis has answered for a whole lease without a break: what it says of members can be acted upon. */
  readonly isSteady: boolean;
  /** Those the channels are spread over. */
  readonly sharers: readonly string[];
  /** Those whose leases count, the leaving ones among them. */
  readonly alive: ReadonlySet<string>;
  readonly leaving: ReadonlySet<string>;
  readonly leases: ReadonlyMap<string, Lease>;
  /** Redis's clock, as it stood at this moment of ours. */
  readonly redisNowMs: number;
}

/** The connection that this gateway has of a channel, or is opening. */
export interface Held {
  readonly isConnected: boolean;
  /** Milliseconds since the epoch; null while not connected. */
  readonly connectedAtMs: number | null;
  /** Of the last lease it was given; null before. Another one means that it was lost meanwhile. */
  readonly token: number | null;
}

export type CloseReason = 'unwanted' | 'moved' | 'lost';

/** What to do with one channel now. */
export interface Decision {
  readonly open?: true;
  readonly close?: CloseReason;
  readonly claim?: Claim;
  readonly releases?: readonly Release[];
}

/** A lease with its seat, if its holder lives. */
interface Seat {
  readonly seat: string;
  readonly lease: Lease | undefined;
  /** Null: nobody, or somebody who is gone. */
  readonly holder: string | null;
}

const NOTHING: Decision = {};

/**
 * What this gateway should do with a channel (design §5). The new holder connects first and claims then; the old one
 * serves until the lease says so. Two connections for a moment are harmless (P2), so in doubt it holds on (P11).
 * @param connections wanted in all; 0: the channel is off or gone
 */
export function decideOwnership(
  view: View,
  channel: { readonly id: string; readonly connections: number },
  held: Held | undefined,
): Decision {
  const seats = seatsOf(channel.id).map((seat) => seatOf(view, seat));
  const mine = seats.filter(({ holder }) => holder === view.me);
  if (channel.connections === 0)
    return { ...(held && { close: 'unwanted' }), releases: mine.map(releaseOf) };
  const wanted = holdersOf(channel.id, view.sharers, channel.connections);
  const isWanted = wanted.includes(view.me);
  if (!held)
    return isWanted ? opening(view, seats, channel.connections) : { releases: mine.map(releaseOf) };
  if (isLost(view, seats, held, channel.connections)) return { close: 'lost' };
  if (!isWanted && isSuperfluous(view, seats, wanted, held)) return { close: 'moved' };
  if (!held.isConnected) return NOTHING;
  return claiming(view, seats, { ...channel, wanted, isWanted }, held.connectedAtMs ?? 0);
}

function seatOf({ leases, alive }: View, seat: string): Seat {
  const lease = leases.get(seat);
  return { seat, lease, holder: lease && alive.has(lease.holder) ? lease.holder : null };
}

const releaseOf = ({ seat, lease }: Seat): Release => ({ seat, token: lease?.token ?? 0 });

/** Before it is sure who lives, a gateway leaves alone what somebody alive holds. */
function opening(view: View, seats: readonly Seat[], connections: number): Decision {
  const others = seats.filter(
    ({ holder }) => holder !== null && holder !== view.me && !view.leaving.has(holder),
  );
  return view.isSteady || others.length < connections ? { open: true } : NOTHING;
}

/** It had a lease, and others have all seats now: this process was away for too long. */
function isLost(view: View, seats: readonly Seat[], { token }: Held, connections: number): boolean {
  if (token === null || seats.some(({ holder }) => holder === view.me)) return false;
  return seats.filter(({ holder }) => holder !== null).length >= connections;
}

/** Somebody else should serve the channel, and does or will sooner than this connection. */
function isSuperfluous(
  view: View,
  seats: readonly Seat[],
  wanted: readonly string[],
  { isConnected }: Held,
): boolean {
  if (wanted.length === 0) return false;
  if (wanted.every((id) => seats.some(({ holder }) => holder === id))) return true;
  return view.isSteady && !isConnected;
}

function claiming(
  view: View,
  seats: readonly Seat[],
  channel: {
    readonly connections: number;
    readonly wanted: readonly string[];
    readonly isWanted: boolean;
  },
  sinceMs: number,
): Decision {
  const mine = seats.find(({ holder }) => holder === view.me);
  if (mine) return mine.lease?.sinceMs === sinceMs ? NOTHING : claimOf(mine, 'renew', sinceMs);
  const open = seats.slice(0, channel.connections);
  const free = open.find(({ holder }) => holder === null);
  if (free) return claimOf(free, free.lease ? 'takeover' : 'new', sinceMs);
  if (!channel.isWanted) return NOTHING;
  const given = open.find(({ holder }) => mayTake(view, channel.wanted, holder ?? ''));
  return given ? claimOf(given, 'move', sinceMs) : NOTHING;
}

/** From one that leaves always; from one that should not hold it when that is certain, so that two never take turns. */
const mayTake = (view: View, wanted: readonly string[], holder: string): boolean =>
  view.leaving.has(holder) || (view.isSteady && !wanted.includes(holder));

const claimOf = ({ seat, lease }: Seat, reason: Claim['reason'], sinceMs: number): Decision => ({
  claim: { seat, replaces: lease?.token ?? null, sinceMs, reason },
});
