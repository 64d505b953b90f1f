import type Redis from 'ioredis';

import { SystemClock } from '@common/kernel';
import { connectRedis, RedisKeys } from '@common/redis';
import { eventually, OwnStores, RecordingLogger, Stopwatch, timed } from '@common/testing';

import type {
  LearnedCeiling,
  LearnedCeilings,
} from '../src/throttling/learned-ceilings.repository';
import { RedisSlots } from '../src/throttling/redis-slots.service';
import type { Bucket, CallPurpose, Grant } from '../src/throttling/send-budget.port';
import { SharedSendBudget } from '../src/throttling/shared-send-budget.adapter';

/** Where the platform stops (messaging reference §7.1). */
const PLATFORM_LIMIT = 20;
const never = new AbortController().signal;

let stores: OwnStores;
const connections: Redis[] = [];
let buckets = 0;
const aBucket = (callsPerSecond = 18): Bucket => ({
  tenantId: 't',
  channelId: 'c',
  clientId: `ding${(buckets += 1)}`,
  path: '/v1.0/card/streaming',
  callsPerSecond,
});

/** What Postgres keeps, for all senders of a spec. */
class Kept {
  path: LearnedCeiling = { ceiling: 0, ageMs: 0 };
  app: LearnedCeiling = { ceiling: 0, ageMs: 0 };

  // The class is nominal by its private fields; these two are all that is called.
  readonly repository = {
    of: () => Promise.resolve({ path: this.path, app: this.app }),
    remember: (_bucket: Bucket, which: 'path' | 'app', ceiling: number) => {
      this[which] = { ceiling, ageMs: 0 };
      return Promise.resolve();
    },
  } as unknown as LearnedCeilings;
}

/** A slot as Redis gave it, in ms of its clock: what is judged here, for a busy machine comes late to its own timers. */
interface GivenSlot {
  readonly takenMs: number;
  readonly atMs: number;
}

/** One sender process. */
async function aSender(kept = new Kept()) {
  const redis = connectRedis({
    url: stores.redisUrl,
    name: 'spec',
    mood: 'impatient',
    onError: () => undefined,
  });
  connections.push(redis);
  await eventually(() => redis.ping());
  const keys = new RedisKeys(stores.prefix);
  const clock = new SystemClock();
  const slots = new RedisSlots(redis, keys, kept.repository, clock, new RecordingLogger());
  const given = new Map<number, GivenSlot>();
  const take = slots.take.bind(slots);
  slots.take = async (bucket, how) => {
    const slot = await take(bucket, how);
    if (!slot.isGranted) return slot;
    const takenMs = slot.takenAtUs / 1_000;
    given.set(slot.takenAtUs, { takenMs, atMs: takenMs + slot.waitMs });
    return slot;
  };
  const budget = new SharedSendBudget(slots, clock);
  const turn = async (bucket: Bucket, purpose: CallPurpose = 'final', flow = 'a') => {
    const grant = (await budget.turn({ bucket, purpose, flow }, never)) as Grant;
    const earlyMs = grant.dueAtMs - clock.now();
    return { grant, earlyMs, at: performance.now(), ...(given.get(grant.takenAtUs) as GivenSlot) };
  };
  const many = (bucket: Bucket, count: number, flow = (n: number): string => `thread ${n}`) =>
    Promise.all(Array.from({ length: count }, (_, n) => turn(bucket, 'final', flow(n))));
  return { slots, budget, redis, turn, many };
}
/** Most entries in any second. */
function busiestSecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((start, i) => sorted.slice(i).filter((at) => at < start + 1_000).length),
  );
}

/** The middle one of the distances between slots. */
function distanceOf(turns: readonly GivenSlot[]): number {
  const times = turns.map(({ atMs }) => atMs).sort((a, b) => a - b);
  const distances = times.slice(1).map((at, n) => at - (times[n] ?? 0));
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 0;
}

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
});
afterAll(async () => {
  for (const redis of connections) redis.disconnect();
  await stores.close();
});

describe('SharedSendBudget on Redis', () => {
  it('P7 never grants more than the limit in any second, all senders together', async () => {
    const [one, two] = [await aSender(), await aSender()];
    const bucket = aBucket();

    const turns = (await Promise.all([one.many(bucket, 27), two.many(bucket, 27)])).flat();

    expect(busiestSecond(turns.map(({ atMs }) => atMs))).toBeLessThanOrEqual(PLATFORM_LIMIT);
    expect(Math.max(...turns.map(({ earlyMs }) => earlyMs))).toBeLessThan(2);
    // And not less than it may: 18 a second.
    expect(distanceOf(turns)).toBeLessThan(60);
  });

  it('P7 keeps the distance to a call that left late', async () => {
    const [one, two] = [await aSender(), await aSender()];
    const bucket = aBucket(10);
    const first = await one.turn(bucket);
    const { takenAtUs } = first.grant;
    one.budget.leaves(bucket, { takenAtUs, dueAtMs: Date.now() - 80 });
    // Behind it on the same connection: Redis knows.
    await one.redis.ping();

    const next = await two.turn(bucket);

    expect(next.atMs - first.atMs).toBeGreaterThan(175);
  });

  it('shares a bucket evenly between senders', async () => {
    const [one, two] = [await aSender(), await aSender()];
    const bucket = aBucket(40);
    const [ones, twos] = await Promise.all([one.many(bucket, 30), two.many(bucket, 30)]);
    const end = (turns: GivenSlot[]): number => Math.max(...turns.map(({ atMs }) => atMs));
    const firstEndMs = Math.min(end(ones), end(twos));
    // Of what is left when the first has all of its own.
    const left = [...ones, ...twos].filter(({ atMs }) => atMs > firstEndMs);
    expect(left.length).toBeLessThanOrEqual(8);
  });

  it('P7 lets a frame go only when no sender wants the slot for something better', async () => {
    const [one, two] = [await aSender(), await aSender()];
    const bucket = aBucket(20);
    await one.turn(bucket);
    const waiting = one.many(bucket, 10);
    const frame = await two.turn(bucket, 'frame');
    const finals = await waiting;

    // Nobody had a slot that was yet to come, or a moment old.
    const before = finals.filter(({ takenMs }) => takenMs < frame.takenMs);
    for (const final of before) expect(frame.takenMs - final.atMs).toBeGreaterThanOrEqual(49);
    expect(before).toHaveLength(10);
  });

  it('starts without burst when Redis knows nothing', async () => {
    const { turn } = await aSender();
    const bucket = aBucket(2);
    const [first, second] = [await turn(bucket), await turn(bucket)];
    expect(second.atMs - first.atMs).toBeGreaterThan(499);
  });

  it('makes everybody wait out a pause', async () => {
    const [one, two] = [await aSender(), await aSender()];
    const bucket = aBucket();
    const { grant, atMs } = await one.turn(bucket);
    await one.budget.tooFast(bucket, grant, 400);
    expect((await two.turn(bucket)).atMs - atMs).toBeGreaterThanOrEqual(400);
  });

  it('P6 counts each app for itself, and each path', async () => {
    const { turn, budget } = await aSender();
    const paused = aBucket();
    const { grant } = await turn(paused);
    await budget.tooFast(paused, grant, 60_000);
    const { tookMs } = await timed(async () => {
      await turn(aBucket());
      await turn({ ...paused, path: '/other' });
    });
    expect(tookMs).toBeLessThan(300);
  });

  it('leaves nothing in Redis for ever', async () => {
    const { turn, budget, redis } = await aSender();
    const bucket = aBucket();
    const keys = new RedisKeys(stores.prefix);
    const { grant } = await turn(bucket);
    await budget.tooFast(bucket, grant, 1_000);
    for (const key of [keys.budget(bucket.clientId, bucket.path), keys.budget(bucket.clientId)])
      expect(await redis.pttl(key)).toBeGreaterThan(0);
  });
});

/** A platform with a limit per second that nobody knows, counted like the real one: refused calls do not count. */
class HiddenLimit {
  private readonly admitted: number[] = [];
  readonly watch = new Stopwatch();
  /** By the watch. */
  readonly refusals: number[] = [];
  calls = 0;

  constructor(public perSecond: number) {}

  take(): boolean {
    const now = performance.now();
    this.calls += 1;
    const recent = this.admitted.filter((at) => at > now - 1_000);
    if (recent.length >= this.perSecond) {
      this.refusals.push(this.watch.elapsedMs);
      return false;
    }
    this.admitted.push(now);
    return true;
  }
}

/** One that is lower still when it has refused something. */
class FallingLimit extends HiddenLimit {
  constructor(
    perSecond: number,
    private readonly then: number,
  ) {
    super(perSecond);
  }

  override take(): boolean {
    const isTaken = super.take();
    if (!isTaken) this.perSecond = this.then;
    return isTaken;
  }
}

describe('a ceiling that nobody told', () => {
  /** Calls for `ms`, as fast as the budget lets two senders. */
  async function load(limit: HiddenLimit, paths: string[], kept: Kept, ms: number, rate = 18) {
    const senders = [await aSender(kept), await aSender(kept)];
    const base = aBucket(rate);
    const work = async (sender: (typeof senders)[number], path: string): Promise<void> => {
      const bucket = { ...base, path };
      while (limit.watch.elapsedMs < ms) {
        const { grant } = await sender.turn(bucket);
        if (!limit.take()) await sender.budget.tooFast(bucket, grant, 500);
      }
    };
    await Promise.all(senders.flatMap((sender) => paths.map((path) => work(sender, path))));
    limit.watch.stop();
    return base;
  }

  it('P7 is learned from refusals: they stop within seconds, and the ceiling is kept', async () => {
    const limit = new HiddenLimit(9);
    const kept = new Kept();

    await load(limit, ['/stream'], kept, 7_000);

    expect(kept.path.ceiling).toBeGreaterThan(4);
    expect(kept.path.ceiling).toBeLessThanOrEqual(9);
    expect(limit.refusals.filter((at) => at > 5_000)).toEqual([]);
    expect(limit.refusals.length).toBeLessThan(8);
  });

  it('P7 that one path learned twice is believed for the other paths, by all senders', async () => {
    const kept = new Kept();
    const base = await load(new FallingLimit(12, 7), ['/stream'], kept, 3_000);
    // Postgres knows nothing of the other path.
    const { many } = await aSender(new Kept());

    const turns = await many({ ...base, path: '/update' }, 10);

    expect(kept.app.ceiling).toBe(0);
    // 18 a second, which nobody refused it, would be 56 ms.
    expect(distanceOf(turns)).toBeGreaterThan(83);
  });

  it('P6 that one path learned costs the others half of their calls at the most', async () => {
    const { many, redis } = await aSender();
    const bucket = aBucket();
    const nowUs = Date.now() * 1_000;
    const appKey = new RedisKeys(stores.prefix).budget(bucket.clientId);
    await redis.hset(appKey, { pc: '1', pd: String(nowUs) });

    // Half of 18.
    expect(Math.round(distanceOf(await many(bucket, 10)))).toBe(Math.round(1_000 / 9));
  });

  it('P7 is looked for in the app as a whole when no path is busy', async () => {
    const limit = new HiddenLimit(20);
    const kept = new Kept();

    await load(limit, ['/a', '/b', '/c', '/d'], kept, 7_000, 40);

    expect(kept.app.ceiling + kept.path.ceiling).toBeGreaterThan(4);
    expect(limit.refusals.filter((at) => at > 5_000).length).toBeLessThan(3);
  });

  it('P5 is known again after Redis was wiped', async () => {
    const kept = new Kept();
    kept.path = { ceiling: 5, ageMs: 1_000 };
    const { many } = await aSender(kept);
    expect(distanceOf(await many(aBucket(), 8))).toBeGreaterThan(190);
  });

  it('rises again, slowly', async () => {
    const kept = new Kept();
    // Half an hour is more than any ceiling lasts.
    kept.path = { ceiling: 1, ageMs: 1_800_000 };
    const { many } = await aSender(kept);
    expect(distanceOf(await many(aBucket(), 9))).toBeLessThan(60);
  });
});
