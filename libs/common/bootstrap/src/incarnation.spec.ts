import type { Database } from '@common/persistence';
import { ManualClock, RecordingLogger, standIn } from '@common/testing';

import { Incarnation, LEASE_MS } from './incarnation';
import type { SealingKey } from './sealing-key';

/** A process whose beats reach Postgres unless it is away. Beats come when somebody asks, or by the timer. */
async function aProcess() {
  const postgres = { isAway: false, beats: 0 };
  const clock = new ManualClock();
  const incarnation = new Incarnation(
    'spec',
    standIn<Database>({
      platformOnce: () => {
        postgres.beats += 1;
        return postgres.isAway ? Promise.reject(new Error('gone')) : Promise.resolve([]);
      },
    }),
    clock,
    new RecordingLogger(),
    standIn<SealingKey>({
      said: 'k1',
      known: ['k1'],
      begin: () => Promise.resolve(),
      loseSight: () => undefined,
    }),
  );
  await incarnation.start();
  const beat = async (): Promise<void> => {
    await incarnation.holdsFor(LEASE_MS * 2, incarnation.term);
  };
  return { incarnation, postgres, clock, beat };
}
// The heartbeat is a timer of Node; here it stands still and specs beat themselves.
beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

describe('Incarnation: its lease', () => {
  it('holds for what is left of six seconds since the last beat was sent, without another beat', async () => {
    const { incarnation, postgres, clock } = await aProcess();
    clock.jump(1_000);
    expect(await incarnation.holdsFor(4_000, incarnation.term)).toBe(true);
    expect(postgres.beats).toBe(1);
  });

  it('beats at once when what is left is too short', async () => {
    const { incarnation, postgres, clock } = await aProcess();
    clock.jump(3_000);
    expect(await incarnation.holdsFor(4_000, incarnation.term)).toBe(true);
    expect(postgres.beats).toBe(2);
  });

  it('late: a process that slept longer than its lease has lost what it claimed before', async () => {
    const { incarnation, clock } = await aProcess();
    const { term } = incarnation;
    clock.jump(LEASE_MS + 1);
    expect(await incarnation.holdsFor(4_000, term)).toBe(false);
    expect(await incarnation.holdsFor(4_000, incarnation.term)).toBe(true);
    expect(incarnation.term).toBe(term + 1);
  });

  it('does not hold while Postgres is away and what is left is too short', async () => {
    const { incarnation, postgres, clock } = await aProcess();
    postgres.isAway = true;
    clock.jump(3_000);
    expect(await incarnation.holdsFor(4_000, incarnation.term)).toBe(false);
    expect(await incarnation.holdsFor(2_000, incarnation.term)).toBe(true);
  });

  it('beats by itself every two seconds', async () => {
    const { postgres } = await aProcess();
    await jest.advanceTimersByTimeAsync(6_000);
    expect(postgres.beats).toBe(4);
  });
});

describe('Incarnation: taking over', () => {
  it('waits a lease period after its start', async () => {
    const { incarnation, clock } = await aProcess();
    expect(incarnation.mayTakeOver()).toBe(false);
    clock.jump(LEASE_MS - 1);
    expect(incarnation.mayTakeOver()).toBe(false);
    clock.jump(1);
    expect(incarnation.mayTakeOver()).toBe(true);
  });

  it('waits two lease periods after Postgres was away: until then the living look dead', async () => {
    const { incarnation, postgres, clock, beat } = await aProcess();
    clock.jump(60_000);
    postgres.isAway = true;
    await beat();
    expect(incarnation.mayTakeOver()).toBe(false);

    postgres.isAway = false;
    await beat();
    clock.jump(2 * LEASE_MS - 1);
    expect(incarnation.mayTakeOver()).toBe(false);
    clock.jump(1);
    expect(incarnation.mayTakeOver()).toBe(true);
  });
});
