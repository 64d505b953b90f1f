import type Redis from 'ioredis';

import { RedisKeys } from '@common/redis';
import { ManualClock, RecordingLogger, standIn } from '@common/testing';

import type { LearnedCeilings } from './learned-ceilings.repository';
import { RedisSlots } from './redis-slots.service';
import type { Bucket } from './send-budget.port';

const bucket: Bucket = {
  tenantId: 't',
  channelId: 'c',
  clientId: 'ding1',
  path: '/stream',
  callsPerSecond: 18,
};
const other: Bucket = { ...bucket, path: '/create' };
const another: Bucket = { ...bucket, clientId: 'ding2' };
const grant = { takenAtUs: 5, dueAtMs: 0 };

/** The script's answers, or Redis away when there is none. The script itself is proven on a real Redis (e2e). */
function someSlots(answer: (mode: string) => (number | string)[] | undefined) {
  const asked: unknown[][] = [];
  const remembered: unknown[][] = [];
  const redis = {
    defineCommand: () => undefined,
    carillonBudget: (...args: unknown[]) => {
      asked.push(args);
      const said = answer(String(args[2]));
      return said ? Promise.resolve(said) : Promise.reject(new Error('gone'));
    },
  };
  const clock = new ManualClock(0);
  const slots = new RedisSlots(
    // These two of ioredis' hundreds of commands are used.
    redis as unknown as Redis,
    new RedisKeys('spec'),
    standIn<LearnedCeilings>({
      of: () => Promise.resolve({ path: { ceiling: 7, ageMs: 2 }, app: { ceiling: 0, ageMs: 0 } }),
      remember: (_bucket, which, ceiling) =>
        Promise.resolve(void remembered.push([which, ceiling])),
    }),
    clock,
    new RecordingLogger(),
  );
  return { slots, clock, asked, remembered };
}

describe('RedisSlots', () => {
  it('waits for the slot that Redis grants, one round trip', async () => {
    const { slots, asked } = someSlots(() => [250_000, 99]);
    expect(await slots.take(bucket, 'must')).toEqual({
      isGranted: true,
      waitMs: 250,
      takenAtUs: 99,
    });
    expect(asked).toEqual([['spec:budget:{ding1}:/stream', 'spec:budget:{ding1}', 'must', 18, 1]]);
  });

  it('says when to ask again for a frame', async () => {
    const { slots } = someSlots(() => [-1, 40_000]);
    expect(await slots.take(bucket, 'may')).toEqual({ isGranted: false, waitMs: 40 });
  });

  it('P5 teaches a Redis that knows nothing what Postgres knows, before it asks again', async () => {
    let isTaught = false;
    const { slots, asked } = someSlots((mode) => {
      if (mode === 'teach') isTaught = true;
      return isTaught ? [0, 1] : [-2, 0];
    });
    expect(await slots.take(bucket, 'must')).toMatchObject({ isGranted: true, waitMs: 0 });
    expect(asked.map((args) => args[2])).toEqual(['must', 'teach', 'must']);
    expect(asked[1]?.slice(5)).toEqual([7, '2000', 0, '0']);
  });

  it('P5 keeps a ceiling that was learned in Postgres too', async () => {
    const { slots, remembered, asked } = someSlots(() => ['path', '9.5']);
    await slots.slowDown(bucket, grant, 1_500);
    expect(remembered).toEqual([['path', 9.5]]);
    expect(asked[0]?.slice(5)).toEqual([1_500_000, 5]);
  });

  it('keeps nothing when nothing was learned', async () => {
    const { slots, remembered } = someSlots(() => ['', '']);
    await slots.slowDown(bucket, grant, 1_500);
    expect(remembered).toEqual([]);
  });

  it('P7 without Redis: no frames, and one necessary call a second per app, whatever the path', async () => {
    const { slots } = someSlots(() => undefined);
    expect(await slots.take(bucket, 'may')).toMatchObject({ isGranted: false });
    const waits = [];
    for (const one of [bucket, other, another, bucket])
      waits.push((await slots.take(one, 'must')).waitMs);
    expect(waits).toEqual([0, 1_000, 0, 2_000]);
  });

  it('keeps a pause that could not be told to Redis to itself', async () => {
    const { slots } = someSlots(() => undefined);
    await slots.slowDown(bucket, grant, 3_000);
    expect(await slots.take(bucket, 'must')).toMatchObject({ waitMs: 3_000 });
  });
});
