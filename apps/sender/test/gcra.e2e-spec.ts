import type Redis from 'ioredis';

import { SystemClock } from '@common/kernel';
import { connectRedis, RedisKeys } from '@common/redis';
import { eventually, OwnStores } from '@common/testing';

import { type Bucket, SendThrottle } from '../src/throttling/send-throttle.service';

/** Where the platform stops (messaging reference §7.1). */
const PLATFORM_LIMIT = 20;
const never = (): AbortSignal => new AbortController().signal;

let stores: OwnStores;
const connections: Redis[] = [];
let buckets = 0;
const aBucket = (callsPerSecond = 18): Bucket => ({
  clientId: `ding${(buckets += 1)}`,
  path: '/v1.0/card/streaming',
  callsPerSecond,
});

/** One sender process. */
async function aThrottle(): Promise<{ throttle: SendThrottle; redis: Redis }> {
  const redis = connectRedis({
    url: stores.redisUrl,
    name: 'spec',
    mood: 'impatient',
    onError: () => undefined,
  });
  connections.push(redis);
  await eventually(() => redis.ping());
  return {
    throttle: new SendThrottle(redis, new RedisKeys(stores.prefix), new SystemClock()),
    redis,
  };
}
/** Most entries in any second. */
function busiestSecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((start, i) => sorted.slice(i).filter((at) => at < start + 1_000).length),
  );
}

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
});
afterAll(async () => {
  for (const redis of connections) redis.disconnect();
  await stores.close();
});

describe('SendThrottle on Redis', () => {
  it('P7 never grants more than the limit in any second, all senders together', async () => {
    const [one, two] = [await aThrottle(), await aThrottle()];
    const bucket = aBucket();
    const times: number[] = [];
    const call = async ({ throttle }: typeof one): Promise<void> => {
      await throttle.turn(bucket, never());
      times.push(performance.now());
    };

    // A bucket at rest: the moment when most may go at once.
    await eventually(() => one.throttle.mayGoNow(bucket));
    times.push(performance.now());
    await eventually(() => one.throttle.mayGoNow(bucket));
    times.push(performance.now());
    await Promise.all(Array.from({ length: 54 }, (_, n) => call(n % 2 ? one : two)));

    expect(busiestSecond(times)).toBeLessThanOrEqual(PLATFORM_LIMIT);
    // And not much less than it may: 54 calls at 18 a second take 3 s.
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(3_400);
  });

  it('P7 lets intermediate frames go only while nobody waits, so that finals find room', async () => {
    const { throttle } = await aThrottle();
    const bucket = aBucket();
    await eventually(() => throttle.mayGoNow(bucket));
    expect(await throttle.mayGoNow(bucket)).toBe(false);

    const startedAt = performance.now();
    await throttle.turn(bucket, never());
    expect(performance.now() - startedAt).toBeLessThan(50);
    expect(await throttle.mayGoNow(bucket)).toBe(false);
    await eventually(() => throttle.mayGoNow(bucket), 1_000);
  });

  it('starts without burst when Redis knows nothing', async () => {
    const { throttle } = await aThrottle();
    const bucket = aBucket(2);
    expect(await throttle.mayGoNow(bucket)).toBe(false);
    const startedAt = performance.now();
    await throttle.turn(bucket, never());
    await throttle.turn(bucket, never());
    expect(performance.now() - startedAt).toBeGreaterThan(400);
  });

  it('makes everybody wait out a pause', async () => {
    const [one, two] = [await aThrottle(), await aThrottle()];
    const bucket = aBucket();
    const startedAt = performance.now();
    await one.throttle.pause(bucket, 400);
    expect(await two.throttle.mayGoNow(bucket)).toBe(false);
    await two.throttle.turn(bucket, never());
    expect(performance.now() - startedAt).toBeGreaterThan(390);
  });

  it('P6 counts each app and path for itself', async () => {
    const { throttle } = await aThrottle();
    const paused = aBucket();
    await throttle.pause(paused, 60_000);
    const startedAt = performance.now();
    await throttle.turn(aBucket(), never());
    await throttle.turn({ ...paused, path: '/other' }, never());
    expect(performance.now() - startedAt).toBeLessThan(200);
  });

  it('leaves nothing in Redis for ever', async () => {
    const { throttle, redis } = await aThrottle();
    const bucket = aBucket();
    const keys = new RedisKeys(stores.prefix);
    for (const touch of [
      () => throttle.mayGoNow(bucket),
      () => throttle.turn(bucket, never()),
      () => throttle.pause(bucket, 1_000),
    ]) {
      await touch();
      expect(await redis.pttl(keys.budget(bucket.clientId, bucket.path))).toBeGreaterThan(0);
    }
  });
});
