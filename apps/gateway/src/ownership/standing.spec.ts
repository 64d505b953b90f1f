import { ManualClock } from '@common/testing';

import type { LedgerState } from './lease';
import { Standing } from './standing';

const ME = 'me';
const aState = (members: string[], more: Partial<LedgerState> = {}): LedgerState => ({
  nowMs: 0,
  epoch: 'first',
  members: [ME, ...members].map((id) => ({ id, isLeaving: false, seenAgoMs: 0 })),
  leases: new Map(),
  ...more,
});

async function aStanding() {
  const clock = new ManualClock();
  const standing = new Standing(ME, clock);
  /** A beat every 2 s for so long. */
  const beats = async (seconds: number, state: LedgerState) => {
    for (let passed = 0; passed < seconds; passed += 2) {
      standing.heard(state);
      await clock.pass(2_000);
    }
  };
  return Promise.resolve({ clock, standing, beats });
}

describe('Standing', () => {
  it('believes Redis alone after a lease without a break', async () => {
    const { standing, beats } = await aStanding();
    standing.saw(['in postgres']);

    await beats(4, aState(['other']));
    expect(standing.isSteady).toBe(false);
    expect(standing.view.sharers).toEqual([ME, 'other', 'in postgres']);
    await beats(2, aState(['other']));

    expect(standing.isSteady).toBe(true);
    expect(standing.view.sharers).toEqual([ME, 'other']);
  });

  it.each([
    ['a wipe', (standing: Standing) => standing.heard(aState([], { epoch: 'second' }))],
    ['an unanswered beat', (standing: Standing) => standing.missed()],
  ])('begins anew after %s', async (_what, happens) => {
    const { standing, beats } = await aStanding();
    await beats(8, aState(['other']));

    happens(standing);

    expect(standing.isSteady).toBe(false);
  });

  it('begins anew after a pause of the process', async () => {
    const { standing, beats, clock } = await aStanding();
    await beats(8, aState(['other']));

    clock.jump(60_000);
    standing.heard(aState(['other']));

    expect(standing.isSteady).toBe(false);
  });

  it('goes by Postgres while Redis is away, and by memory when that cannot tell either', async () => {
    const { standing, beats } = await aStanding();
    await beats(8, aState(['other', 'dead']));
    standing.missed();

    expect(standing.view.sharers).toEqual([ME, 'other', 'dead']);
    standing.saw(['other', ME]);
    expect(standing.view.sharers).toEqual([ME, 'other']);
    standing.saw(undefined);
    expect(standing.view.sharers).toEqual([ME, 'other', 'dead']);
  });

  it('shares nothing with those who leave, but counts their leases', () => {
    const standing = new Standing(ME, new ManualClock());
    standing.heard({
      ...aState([]),
      members: [{ id: 'leaver', isLeaving: true, seenAgoMs: 0 }],
    });
    standing.saw(['leaver', 'other']);

    expect(standing.view).toMatchObject({ sharers: [ME, 'other'] });
    expect(standing.view.alive.has('leaver')).toBe(true);
  });

  it('names nobody but others once it leaves itself', () => {
    const standing = new Standing(ME, new ManualClock());
    standing.heard(aState(['other']));
    standing.isLeaving = true;

    expect(standing.view.sharers).toEqual(['other']);
  });

  it('knows when the next of the others would be struck off', async () => {
    const { standing, clock } = await aStanding();
    standing.heard({
      ...aState([]),
      members: [
        { id: ME, isLeaving: false, seenAgoMs: 0 },
        { id: 'late', isLeaving: false, seenAgoMs: 4_500 },
      ],
    });
    await clock.pass(1_000);

    expect(standing.nextExpiryMs).toBe(500);
  });
});
