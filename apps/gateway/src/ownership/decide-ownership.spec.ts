import { decideOwnership, type Held, type View } from './decide-ownership';
import type { Lease } from './lease';
import { holdersOf } from './rendezvous';

const A = 'gateway-a';
const B = 'gateway-b';
const C = 'gateway-c';

const aLease = (holder: string, token = 1, sinceMs = 10): Lease => ({
  ...{ holder, token, sinceMs, grantedAtMs: 0 },
});

/** Of gateway A; everybody named lives. */
function aView({
  sharers = [A, B],
  leaving = [],
  leases = {},
  gone = [],
  ...rest
}: {
  sharers?: string[];
  leaving?: string[];
  leases?: Record<string, Lease>;
  gone?: string[];
  isSteady?: boolean;
} = {}): View {
  const alive = [A, ...sharers, ...leaving].filter((id) => !gone.includes(id));
  return {
    me: A,
    isSteady: true,
    sharers: sharers.filter((id) => !gone.includes(id)),
    alive: new Set(alive),
    leaving: new Set(leaving),
    leases: new Map(Object.entries(leases)),
    redisNowMs: 0,
    ...rest,
  };
}

/** A channel that this gateway should hold when these share. */
const channelOf = (holder: string, sharers: string[] = [A, B], connections = 1) => {
  const ids = Array.from({ length: 100 }, (_, n) => `channel-${n}`);
  const id = ids.find((one) => holdersOf(one, sharers, 1)[0] === holder) ?? '';
  return { id, connections };
};
const mine = channelOf(A);
const theirs = channelOf(B);

const connecting: Held = { isConnected: false, connectedAtMs: null, token: null };
const connected: Held = { isConnected: true, connectedAtMs: 10, token: null };
const leased: Held = { ...connected, token: 1 };

describe('decideOwnership', () => {
  it('opens what is ours, whoever serves it now', () => {
    expect(decideOwnership(aView(), mine, undefined)).toEqual({ open: true });
    const view = aView({ leases: { [mine.id]: aLease(B) } });
    expect(decideOwnership(view, mine, undefined)).toEqual({ open: true });
  });

  it('leaves alone what is not ours', () => {
    expect(decideOwnership(aView(), theirs, undefined)).toEqual({ releases: [] });
  });

  it('claims a seat when it is connected, not sooner', () => {
    expect(decideOwnership(aView(), mine, connecting)).toEqual({});
    expect(decideOwnership(aView(), mine, connected)).toEqual({
      claim: { seat: mine.id, replaces: null, sinceMs: 10, reason: 'new' },
    });
  });

  it.each([
    ['takeover', aView({ leases: { [mine.id]: aLease(C, 7) } })],
    ['move', aView({ leases: { [mine.id]: aLease(B, 7) } })],
    [
      'move',
      aView({ isSteady: false, sharers: [A], leaving: [B], leases: { [mine.id]: aLease(B, 7) } }),
    ],
  ] as const)('claims by %s upon the lease it saw', (reason, view) => {
    expect(decideOwnership(view, mine, connected).claim).toEqual({
      seat: mine.id,
      replaces: 7,
      sinceMs: 10,
      reason,
    });
  });

  it('says when it has reconnected', () => {
    const view = aView({ leases: { [mine.id]: aLease(A, 3) } });

    expect(decideOwnership(view, mine, { ...leased, token: 3 })).toEqual({});
    expect(decideOwnership(view, mine, { ...leased, token: 3, connectedAtMs: 20 })).toEqual({
      claim: { seat: mine.id, replaces: 3, sinceMs: 20, reason: 'renew' },
    });
  });

  describe('make before break', () => {
    it('serves what is another’s until the lease says that the other is connected', () => {
      const before = aView({ leases: { [theirs.id]: aLease(A) } });
      const after = aView({ leases: { [theirs.id]: aLease(B, 2) } });

      expect(decideOwnership(before, theirs, leased)).toEqual({});
      expect(decideOwnership(after, theirs, leased)).toEqual({ close: 'lost' });
      expect(decideOwnership(after, theirs, connected)).toEqual({ close: 'moved' });
    });

    it('breaks at once what is not connected anyway', () => {
      expect(decideOwnership(aView(), theirs, connecting)).toEqual({ close: 'moved' });
    });

    it('goes on to serve when a leaving gateway is the only one', () => {
      const view = aView({ sharers: [], leaving: [A], leases: { [mine.id]: aLease(A) } });

      expect(decideOwnership(view, mine, leased)).toEqual({});
      expect(decideOwnership(view, mine, connecting)).toEqual({});
    });

    it('gives its seat back when the connection is gone', () => {
      const view = aView({ leases: { [theirs.id]: aLease(A, 4) } });

      expect(decideOwnership(view, theirs, undefined)).toEqual({
        releases: [{ seat: theirs.id, token: 4 }],
      });
    });
  });

  describe('a process that was away for longer than its lease', () => {
    it('closes what somebody else holds now, and may open it anew', () => {
      const view = aView({ isSteady: false, leases: { [mine.id]: aLease(B, 9) } });

      expect(decideOwnership(view, mine, leased)).toEqual({ close: 'lost' });
    });

    it('keeps what nobody has taken', () => {
      const view = aView({ gone: [B], leases: { [mine.id]: aLease(B, 9) } });

      expect(decideOwnership(view, mine, leased).claim?.reason).toBe('takeover');
    });
  });

  describe('while it is not certain who lives (P11)', () => {
    const unsteady = { isSteady: false };

    it('opens what nobody holds, and leaves alone what somebody alive holds', () => {
      expect(decideOwnership(aView(unsteady), mine, undefined)).toEqual({ open: true });
      const held = aView({ ...unsteady, leases: { [mine.id]: aLease(B) } });
      expect(decideOwnership(held, mine, undefined)).toEqual({});
      expect(decideOwnership(held, mine, connected)).toEqual({});
    });

    it('takes what a leaving gateway holds', () => {
      const view = aView({
        ...unsteady,
        sharers: [A],
        leaving: [B],
        leases: { [mine.id]: aLease(B) },
      });

      expect(decideOwnership(view, mine, undefined)).toEqual({ open: true });
    });

    it('keeps its connections and says again that it holds them, ours or not', () => {
      for (const channel of [mine, theirs]) {
        expect(decideOwnership(aView(unsteady), channel, connecting)).toEqual({});
        expect(decideOwnership(aView(unsteady), channel, leased).claim).toMatchObject({
          seat: channel.id,
          replaces: null,
        });
      }
    });
  });

  describe('a channel that wants two connections', () => {
    const sharers = [A, B, C];
    const two = { ...mine, connections: 2 };
    const [, second = ''] = holdersOf(two.id, sharers, 2);
    const third = sharers.find((id) => id !== A && id !== second) ?? '';
    const shared = holdersOf(two.id, sharers, 1)[0] === A ? two : { ...two, id: '' };

    it('has a seat for each of the two best', () => {
      expect(shared.id).not.toBe('');
      const view = aView({ sharers, leases: { [two.id]: aLease(second) } });

      expect(decideOwnership(view, two, connected).claim).toMatchObject({ seat: `${two.id}/2` });
    });

    it('is not taken from one that should hold it', () => {
      const leases = { [two.id]: aLease(second), [`${two.id}/2`]: aLease(third, 5) };

      expect(decideOwnership(aView({ sharers, leases }), two, connected).claim).toMatchObject({
        seat: `${two.id}/2`,
        replaces: 5,
      });
    });

    it('has one on its own gateway when there is no other', () => {
      const view = aView({ sharers: [A], leases: { [two.id]: aLease(A) } });

      expect(decideOwnership(view, two, leased)).toEqual({});
    });

    it('goes back to one', () => {
      const leases = { [theirs.id]: aLease(A), [`${theirs.id}/2`]: aLease(B, 2) };

      expect(decideOwnership(aView({ leases }), theirs, leased)).toEqual({ close: 'moved' });
    });
  });

  it('closes and gives back what is switched off', () => {
    const view = aView({ leases: { [mine.id]: aLease(A, 6) } });

    expect(decideOwnership(view, { ...mine, connections: 0 }, leased)).toEqual({
      close: 'unwanted',
      releases: [{ seat: mine.id, token: 6 }],
    });
  });
});
