import type Redis from 'ioredis';

import { RedisKeys } from '@common/redis';
import { ManualClock, settled } from '@common/testing';

import { type Bucket, SendThrottle } from './send-throttle.service';

const bucket: Bucket = { clientId: 'ding1', path: '/stream', callsPerSecond: 18 };
const other: Bucket = { ...bucket, path: '/create' };
const never = new AbortController().signal;

/** The script's answers, or Redis away when there is none. The script itself is proven on a real Redis (e2e). */
function aThrottle(answer: (mode: string) => number | undefined) {
  const asked: unknown[][] = [];
  const redis = {
    defineCommand: () => undefined,
    carillonGcra: (...args: unknown[]) => {
      asked.push(args);
      const micros = answer(String(args[3]));
      return micros === undefined ? Promise.reject(new Error('gone')) : Promise.resolve(micros);
    },
  };
  const clock = new ManualClock();
  // The throttle uses these two of ioredis' hundreds of commands.
  const throttle = new SendThrottle(redis as unknown as Redis, new RedisKeys('spec'), clock);
  return { throttle, clock, asked };
}
/** How long a wait took by the clock. */
async function waited(clock: ManualClock, wait: Promise<void>): Promise<number> {
  const start = clock.now();
  let end: number | undefined;
  void wait.then(() => (end = clock.now()));
  await settled();
  while (end === undefined) await clock.pass(100);
  return end - start;
}

describe('SendThrottle', () => {
  it('waits for the slot that Redis grants', async () => {
    const { throttle, clock, asked } = aThrottle(() => 250_000);

    expect(await waited(clock, throttle.turn(bucket, never))).toBe(250);
    expect(asked).toEqual([['spec:budget:ding1:/stream', 55_556, 2, 'reserve', 0]]);
  });

  it('waits no longer once it is told to stop', async () => {
    const { throttle, clock } = aThrottle(() => 60_000_000);
    const stop = new AbortController();
    const turn = throttle.turn(bucket, stop.signal);
    stop.abort();
    await turn;
    expect(clock.sleepers.size).toBe(0);
  });

  it('lets an intermediate frame go only when Redis says so', async () => {
    expect(await aThrottle(() => 0).throttle.mayGoNow(bucket)).toBe(true);
    expect(await aThrottle(() => -1).throttle.mayGoNow(bucket)).toBe(false);
  });

  it('P7 without Redis: no intermediate frames', async () => {
    expect(await aThrottle(() => undefined).throttle.mayGoNow(bucket)).toBe(false);
  });

  it('P7 without Redis: one necessary call a second per app and path', async () => {
    const { throttle, clock } = aThrottle(() => undefined);

    const waits = await Promise.all([
      waited(clock, throttle.turn(bucket, never)),
      waited(clock, throttle.turn(bucket, never)),
      waited(clock, throttle.turn(other, never)),
      waited(clock, throttle.turn(bucket, never)),
    ]);

    expect(waits).toEqual([0, 1_000, 0, 2_000]);
  });

  it('keeps a pause that could not be told to Redis to itself', async () => {
    const { throttle, clock } = aThrottle(() => undefined);

    await throttle.pause(bucket, 3_000);

    expect(await waited(clock, throttle.turn(bucket, never))).toBe(3_000);
  });

  it('tells Redis of a pause in microseconds', async () => {
    const { throttle, asked } = aThrottle(() => 0);
    await throttle.pause(bucket, 1_500);
    expect(asked[0]?.slice(3)).toEqual(['pause', 1_500_000]);
  });
});
