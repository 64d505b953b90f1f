import { randomUUID } from 'node:crypto';

import type Redis from 'ioredis';

import { eventually, Gate, OwnStores, timed } from '@common/testing';

import { AnnouncementStrategy, connectRedis, RedisAnnouncer, RedisKeys, ReplyStream } from '../src';

let stores: OwnStores;
let keys: RedisKeys;
let gate: Gate;
const connections: Redis[] = [];
const connection = (mood: 'patient' | 'impatient', url = stores.redisUrl): Redis => {
  const redis = connectRedis({ url, name: stores.prefix, mood, onError: () => undefined });
  connections.push(redis);
  return redis;
};

beforeEach(async () => {
  stores = await OwnStores.open(process.env);
  keys = new RedisKeys(stores.prefix);
  gate = await Gate.before(stores.redisUrl);
});
afterEach(async () => {
  for (const redis of connections.splice(0)) redis.disconnect();
  await gate.close();
  await stores.close();
});

describe('ReplyStream', () => {
  const turnId = randomUUID();
  const delta = (offset: number, text: string) => ({
    turnId,
    attempt: 1,
    delta: { offset, text },
  });

  it('gives back what was appended, in order and only what is new', async () => {
    const stream = new ReplyStream(connection('patient'), keys);
    await stream.append([delta(0, 'Hel'), delta(3, 'lo 😀')]);

    const first = await stream.read(turnId, 1, '-');
    expect(first.deltas).toEqual([
      { offset: 0, text: 'Hel' },
      { offset: 3, text: 'lo 😀' },
    ]);
    expect(await stream.read(turnId, 1, first.lastId)).toEqual({
      deltas: [],
      lastId: first.lastId,
    });

    await stream.append([delta(8, '!')]);
    expect((await stream.read(turnId, 1, first.lastId)).deltas).toEqual([{ offset: 8, text: '!' }]);
  });

  it('P6 keeps turns and attempts apart', async () => {
    const stream = new ReplyStream(connection('patient'), keys);
    await stream.append([delta(0, 'mine'), { ...delta(0, 'second'), attempt: 2 }]);
    expect((await stream.read(turnId, 2, '-')).deltas).toEqual([{ offset: 0, text: 'second' }]);
    expect((await stream.read(randomUUID(), 1, '-')).deltas).toEqual([]);
  });

  it('forgets the words after an hour', async () => {
    const redis = connection('patient');
    await new ReplyStream(redis, keys).append([delta(0, 'x')]);
    const seconds = await redis.ttl(keys.replyStream(turnId, 1));
    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
  });

  it('P5 fails at once while Redis is away, and works when it is back', async () => {
    const stream = new ReplyStream(connection('impatient', gate.url), keys);
    const { tookMs } = await timed(() => expect(stream.append([delta(0, 'x')])).rejects.toThrow());
    expect(tookMs).toBeLessThan(1_000);

    await gate.open();
    await eventually(() => stream.append([delta(0, 'x')]).then(() => true));
    expect((await stream.read(turnId, 1, '-')).deltas).not.toEqual([]);
  });
});

describe('a path that dies without a word', () => {
  it.each(['patient', 'impatient'] as const)(
    'is noticed by a %s connection, which connects anew',
    async (mood) => {
      await gate.open();
      const faults: string[] = [];
      const redis = connectRedis({
        url: gate.url,
        name: stores.prefix,
        mood,
        onError: (error) => faults.push(error.message),
        pingMs: 50,
      });
      connections.push(redis);
      await eventually(() => redis.status === 'ready');
      // So short a round may be over on a machine that stands still: then it connects anew before, too.
      await eventually(() => redis.subscribe('news').then(() => true));
      faults.length = 0;
      gate.freeze();

      await eventually(() => faults.some((fault) => fault.includes('PING')));
      await gate.close();
      gate.thaw();
      await gate.open();
      await eventually(() => redis.status === 'ready');
    },
  );

  it('is not suspected while Redis merely takes its time', async () => {
    const faults: Error[] = [];
    const redis = connectRedis({
      url: stores.redisUrl,
      name: stores.prefix,
      mood: 'patient',
      onError: (error) => faults.push(error),
      pingMs: 800,
    });
    connections.push(redis);
    // A worker's blocking look, longer than one round.
    await redis.blpop('nothing', 1);
    expect(await redis.ping()).toBe('PONG');
    expect(faults).toEqual([]);
  });
});

describe('the control plane', () => {
  const channelId = randomUUID();

  function aListener(url = stores.redisUrl) {
    const heard: unknown[] = [];
    const faults: unknown[] = [];
    const strategy = new AnnouncementStrategy(connection('patient', url), keys, (fault) =>
      faults.push(fault),
    );
    strategy.addHandler(
      'channel.changed',
      (news: unknown) => Promise.resolve(void heard.push(news)),
      true,
    );
    let isReady = false;
    strategy.listen(() => (isReady = true));
    return { heard, faults, strategy, isReady: () => isReady };
  }
  const announcer = (url?: string): RedisAnnouncer =>
    new RedisAnnouncer(connection('impatient', url), keys, () => undefined);

  it('brings news to everybody who listens, on other prefixes to nobody', async () => {
    const [one, two] = [aListener(), aListener()];
    const elsewhere = new RedisAnnouncer(
      connection('impatient'),
      new RedisKeys('other'),
      () => undefined,
    );
    const speaker = announcer();
    await eventually(async () => {
      await elsewhere.announce('channel.changed', { channelId: randomUUID() });
      await speaker.announce('channel.changed', { channelId });
      return one.heard.length > 0 && two.heard.length > 0;
    });
    expect([...new Set([...one.heard, ...two.heard].map((news) => JSON.stringify(news)))]).toEqual([
      JSON.stringify({ channelId }),
    ]);
  });

  it('P10 drops news that are malformed or of an unknown kind', async () => {
    const { heard, faults } = aListener();
    const redis = connection('patient');
    const speaker = announcer();
    await eventually(async () => {
      for (const rubbish of [
        'no json',
        'null',
        '{"pattern":"channel.changed"}',
        '{"pattern":"channel.changed","data":{"channelId":"x"}}',
        '{"pattern":"toString","data":{}}',
      ])
        await redis.publish(keys.announcements, rubbish);
      await speaker.announce('channel.changed', { channelId });
      return heard.length > 0;
    });
    for (const news of heard) expect(news).toEqual({ channelId });
    expect(faults.length).toBeGreaterThan(0);
  });

  it('P5 neither blocks nor fails while Redis is away, and hears news when it comes back', async () => {
    const { heard, isReady } = aListener(gate.url);
    const speaker = announcer(gate.url);
    expect(isReady()).toBe(true);
    await speaker.announce('channel.changed', { channelId });

    for (let round = 1; round <= 2; round += 1) {
      await gate.open();
      const before = heard.length;
      await eventually(async () => {
        await speaker.announce('channel.changed', { channelId });
        return heard.length > before;
      });
      await gate.close();
    }
  });
});
