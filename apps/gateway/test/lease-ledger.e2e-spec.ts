import Redis from 'ioredis';

import type { Incarnation } from '@common/bootstrap';
import { connectRedis, RedisKeys } from '@common/redis';
import { anId, eventually, OwnStores, standIn } from '@common/testing';

import type { Claim, LedgerState } from '../src/ownership/lease';
import { type Exchange, LeaseLedger } from '../src/ownership/lease-ledger.service';

let stores: OwnStores;
let redis: Redis;
let keys: RedisKeys;
let installations = 0;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  redis = connectRedis({
    url: stores.redisUrl,
    name: 'spec',
    mood: 'impatient',
    onError: () => undefined,
  });
  await eventually(() => redis.ping());
});
afterAll(async () => {
  redis.disconnect();
  await stores.close();
});
beforeEach(() => {
  keys = new RedisKeys(`${stores.prefix}-${(installations += 1)}`);
});

/** One gateway process. */
function aGateway(word: string) {
  const id = anId(word);
  const ledger = new LeaseLedger(redis, keys, standIn<Incarnation>({ id }));
  const say = (more: Partial<Exchange> = {}): Promise<LedgerState> =>
    ledger.exchange({ mode: 'in', claims: [], releases: [], ...more });
  return { id, ledger, say };
}
const aClaim = (seat: string, more: Partial<Claim> = {}): Claim => ({
  ...{ seat, replaces: null, sinceMs: 5, reason: 'new' },
  ...more,
});
/** As if a gateway had not been seen for so long. */
const unseen = async (id: string, ms: number): Promise<void> => {
  const [seconds, micros] = await redis.time();
  const seen = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000) - ms;
  await redis.hset(keys.gateways.members, id, `${seen} in`);
};

describe('LeaseLedger', () => {
  it('P11 strikes off what it cannot read, instead of being struck by it', async () => {
    await redis.hset(keys.gateways.members, 'who', 'knows');

    const { members } = await aGateway('a').say();

    expect(members.map(({ id }) => id)).toEqual([anId('a')]);
  });

  it('shows everybody who is there, who leaves, and what they hold', async () => {
    const [a, b] = [aGateway('a'), aGateway('b')];

    await a.say({ claims: [aClaim('c1'), aClaim('c2/2', { sinceMs: 7 })] });
    const state = await b.say({ mode: 'out' });

    expect(state.members.map(({ id, isLeaving }) => [id, isLeaving])).toEqual(
      expect.arrayContaining([
        [a.id, false],
        [b.id, true],
      ]),
    );
    expect(state.leases.get('c1')).toMatchObject({ holder: a.id, sinceMs: 5 });
    expect(state.leases.get('c2/2')).toMatchObject({ holder: a.id, sinceMs: 7 });
  });

  it('grants a claim only upon the lease it was made upon', async () => {
    const [a, b] = [aGateway('a'), aGateway('b')];
    const first = (await a.say({ claims: [aClaim('c1')] })).leases.get('c1');

    const refused = await b.say({ claims: [aClaim('c1')] });
    const granted = await b.say({ claims: [aClaim('c1', { replaces: first?.token ?? 0 })] });
    const late = await a.say({ claims: [aClaim('c1', { replaces: first?.token ?? 0 })] });

    expect(refused.leases.get('c1')).toEqual(first);
    expect(granted.leases.get('c1')?.holder).toBe(b.id);
    expect(granted.leases.get('c1')?.token).toBeGreaterThan(first?.token ?? 0);
    expect(late.leases.get('c1')).toEqual(granted.leases.get('c1'));
  });

  it('takes back what is still ours, and nothing else', async () => {
    const [a, b] = [aGateway('a'), aGateway('b')];
    const mine = (await a.say({ claims: [aClaim('c1')] })).leases.get('c1')?.token ?? 0;
    const claims = [aClaim('c1', { replaces: mine })];
    const theirs = (await b.say({ claims })).leases.get('c1')?.token ?? 0;

    expect((await a.say({ releases: [{ seat: 'c1', token: mine }] })).leases.size).toBe(1);
    expect((await b.say({ releases: [{ seat: 'c1', token: theirs }] })).leases.size).toBe(0);
  });

  it('strikes off with all it held who was not seen for a lease, and not sooner', async () => {
    const [a, b] = [aGateway('a'), aGateway('b')];
    await a.say({ claims: [aClaim('c1')] });
    await b.say();

    // Two seconds for a machine that stands still.
    await unseen(a.id, 4_000);
    const before = await b.say();
    await unseen(a.id, 6_100);
    const after = await b.say();

    expect(before.members).toHaveLength(2);
    expect(before.leases.size).toBe(1);
    expect(after.members.map(({ id }) => id)).toEqual([b.id]);
    expect(after.leases.size).toBe(0);
  });

  it('does not give a process that comes back what it held before', async () => {
    const [a, b] = [aGateway('a'), aGateway('b')];
    const held = (await a.say({ claims: [aClaim('c1')] })).leases.get('c1')?.token ?? 0;
    await unseen(a.id, 60_000);
    await b.say({ claims: [aClaim('c1')] });
    await b.say({ claims: [aClaim('c1')] });

    const state = await a.say({ claims: [aClaim('c1', { replaces: held, reason: 'renew' })] });

    expect(state.leases.get('c1')?.holder).toBe(b.id);
    expect(state.members).toHaveLength(2);
  });

  it('forgets at once who leaves', async () => {
    const [a, b] = [aGateway('a'), aGateway('b')];
    await a.say({ claims: [aClaim('c1')] });
    await b.say();

    await a.ledger.leave();

    expect(await b.say()).toMatchObject({ members: [{ id: b.id }], leases: new Map() });
  });

  it('P5 shows a wipe by another epoch, and tokens go on growing', async () => {
    const a = aGateway('a');
    const before = await a.say({ claims: [aClaim('c1')] });
    const { members, leases, epoch, version } = keys.gateways;
    await redis.del(members, leases, epoch, version);

    const after = await a.say({ claims: [aClaim('c1')] });

    expect(after.epoch).not.toBe(before.epoch);
    expect(after.leases.get('c1')?.token).toBeGreaterThan(before.leases.get('c1')?.token ?? 0);
  });

  it('says leases again only when something has changed, and remembers them otherwise', async () => {
    const [a, b] = [aGateway('a'), aGateway('b')];
    await b.say();
    const first = await a.say({ claims: [aClaim('c1')] });
    const second = await a.say();
    const seen = await b.say();

    expect(second.leases).toBe(first.leases);
    expect(seen.leases).toEqual(first.leases);
  });

  it('keeps all its keys in one slot of a Cluster', async () => {
    await aGateway('a').say({ claims: [aClaim('c1')] });

    const slots = Object.values(keys.gateways).map((key: string) => /\{(.+)\}/.exec(key)?.[1]);

    expect(new Set(slots).size).toBe(1);
    expect(slots[0]).toBeDefined();
  });

  it('has room for thousands of channels in one exchange', async () => {
    const a = aGateway('a');
    const claims = Array.from({ length: 5_000 }, (_, n) => aClaim(`channel-${n}`));

    const { leases } = await a.say({ claims });

    expect(leases.size).toBe(5_000);
    expect((await aGateway('b').say()).leases.size).toBe(5_000);
  });

  it('says so when Redis is away', async () => {
    const away = new Redis({ host: '127.0.0.1', port: 1, lazyConnect: true, retryStrategy: null });
    away.on('error', () => undefined);
    const ledger = new LeaseLedger(away, keys, standIn<Incarnation>({ id: anId('a') }));

    await expect(ledger.exchange({ mode: 'in', claims: [], releases: [] })).rejects.toThrow();
  });
});
