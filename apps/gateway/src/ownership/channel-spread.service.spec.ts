import { aRosterChannel, type AGateway, Gateways } from '../../test/gateways';

const sharesOf = (gateways: readonly AGateway[]): number[] =>
  gateways.map(({ streams }) => streams.connected.length);
const once = (connections: readonly number[]): boolean => connections.every((one) => one === 1);
const reasonsOf = async ({ metrics }: AGateway): Promise<string> =>
  (await metrics.registry.metrics())
    .split('\n')
    .filter((line) => line.startsWith('carillon_gateway_lease_changes_total{'))
    .map((line) => line.replace(/.*reason="(\w+)".* (\d+)$/, '$1 $2'))
    .join(', ');

/** Two or three that have settled. */
async function settledGateways(...words: string[]) {
  const town = new Gateways();
  const gateways = words.map((word) => town.start(word));
  await town.clock.pass(20_000);
  return { town, gateways };
}

describe('ChannelSpread', () => {
  it('shares the channels, each held once, and has a lease for each', async () => {
    const { town, gateways } = await settledGateways('a', 'b', 'c');

    expect(once(town.connections())).toBe(true);
    expect(Math.min(...sharesOf(gateways))).toBeGreaterThan(4);
    expect(town.ledger.leases.size).toBe(30);
  });

  it('takes over within 6 s and a connect what a killed one held, and nothing else moves', async () => {
    const { town, gateways } = await settledGateways('a', 'b', 'c');
    const [victim, ...others] = gateways as [AGateway, AGateway, AGateway];
    const logs = others.map(({ streams }) => streams.log.length);
    victim.freeze();
    const lost = victim.streams.connected;

    await town.clock.pass(6_300);

    expect(once(town.connections(others))).toBe(true);
    const since = others.flatMap(({ streams }, n) => streams.log.slice(logs[n]));
    expect(since.sort()).toEqual(lost.map((id) => `open ${id}`).sort());
  });

  it('joins without a moment in which a channel has no connection', async () => {
    const { town } = await settledGateways('a', 'b');

    const joiner = town.start('c');
    const least = await town.leastWhile(10_000);

    expect(least).toBe(1);
    expect(once(town.connections())).toBe(true);
    expect(joiner.streams.connected.length).toBeGreaterThan(4);
    expect(await reasonsOf(joiner)).toBe(`move ${joiner.streams.connected.length}`);
  });

  it('leaves without a moment in which a channel has no connection, and at once', async () => {
    const { town, gateways } = await settledGateways('a', 'b');
    const startedAt = town.clock.now();

    const left = (gateways[0] as AGateway).spread.leave().then(() => town.clock.now() - startedAt);
    const least = await town.leastWhile(2_000);

    expect(least).toBe(1);
    expect(await left).toBeLessThan(500);
    expect(sharesOf(gateways)).toEqual([0, 30]);
  });

  it('leaves at the deadline what the others cannot connect, and at once when there are none', async () => {
    const { town, gateways } = await settledGateways('a', 'b');
    const [a, b] = gateways as [AGateway, AGateway];
    a.streams.connected.slice(0, 1).forEach((id) => b.streams.unreachable.add(id));
    const ended: string[] = [];

    void a.spread.leave().then(() => ended.push('a'));
    await town.clock.pass(21_000);
    expect(sharesOf(gateways)).toEqual([1, 29]);
    expect(ended).toEqual([]);
    await town.clock.pass(2_000);
    expect(ended).toEqual(['a']);

    void b.spread.leave().then(() => ended.push('b'));
    await town.clock.pass(100);
    expect(ended).toEqual(['a', 'b']);
    expect(town.ledger.leases.size).toBe(0);
  });

  it('closes what it lost while it was paused before it does anything else, and has its share again later', async () => {
    const { town, gateways } = await settledGateways('a', 'b');
    const [a, b] = gateways as [AGateway, AGateway];
    const held = a.streams.connected;
    a.freeze();
    await town.clock.pass(60_000);
    expect(sharesOf(gateways)).toEqual([held.length, 30]);
    a.streams.log.length = 0;
    const mayOpen = a.streams.beforeOpening().then(() => a.streams.log.length);

    a.thaw();
    await town.clock.pass(10);
    expect(await mayOpen).toBe(held.length);
    expect(a.streams.log).toEqual(held.map((id) => `close ${id}`));
    expect(b.streams.connected).toHaveLength(30);
    const least = await town.leastWhile(10_000);

    expect(least).toBe(1);
    expect(a.streams.connected.sort()).toEqual(held.sort());
    expect(once(town.connections())).toBe(true);
  });

  describe('P5 a wiped Redis', () => {
    it('moves nothing and has all leases again with the next beat', async () => {
      const { town, gateways } = await settledGateways('a', 'b', 'c');
      const logs = gateways.map(({ streams }) => [...streams.log]);

      town.ledger.wipe();
      await town.clock.pass(10_000);

      expect(town.ledger.leases.size).toBe(30);
      expect(gateways.map(({ streams }) => streams.log)).toEqual(logs);
    });
  });

  describe('P11 without Redis', () => {
    it('keeps its connections, and goes on as if nothing had been', async () => {
      const { town, gateways } = await settledGateways('a', 'b');
      const logs = gateways.map(({ streams }) => [...streams.log]);

      town.ledger.isAway = true;
      await town.clock.pass(60_000);
      town.ledger.isAway = false;
      await town.clock.pass(20_000);

      expect(gateways.map(({ streams }) => streams.log)).toEqual(logs);
      expect(once(town.connections())).toBe(true);
    });

    it('opens a channel that is added', async () => {
      const { town } = await settledGateways('a', 'b');
      town.ledger.isAway = true;
      await town.clock.pass(10_000);

      town.channels = [...town.channels, aRosterChannel('added')];
      town.changed();
      await town.clock.pass(200);

      expect(once(town.connections())).toBe(true);
    });

    it('boots with its share by the rows in Postgres, or with all when that cannot tell', async () => {
      for (const isKnown of [true, false]) {
        const town = new Gateways();
        town.ledger.isAway = true;
        const a = town.start('a');
        town.rows = isKnown ? [a.id, town.start('b').id] : null;
        await town.clock.pass(1_500);

        expect(Math.min(...town.connections())).toBe(1);
        expect(a.streams.connected.length < 30).toBe(isKnown);
      }
    });

    it('takes over from one that is killed, for Postgres misses it', async () => {
      const { town, gateways } = await settledGateways('a', 'b');
      const [a, b] = gateways as [AGateway, AGateway];
      town.ledger.isAway = true;
      town.rows = [a.id, b.id];
      await town.clock.pass(3_000);

      a.freeze();
      town.rows = [b.id];
      await town.clock.pass(3_000);

      expect(b.streams.connected).toHaveLength(30);
    });
  });

  it('opens fifty channels at a time, and hundreds within two seconds', async () => {
    const town = new Gateways();
    town.channels = Array.from({ length: 300 }, (_, n) => aRosterChannel(`channel ${n}`));
    const { streams } = town.start('a');
    let most = 0;
    for (let passed = 0; passed < 2_000; passed += 10) {
      await town.clock.pass(10);
      most = Math.max(most, streams.connecting.length);
    }

    expect(most).toBe(50);
    expect(once(town.connections())).toBe(true);
  });

  it('joins while Postgres hangs and Redis does not count yet', async () => {
    const { town } = await settledGateways('a', 'b');
    town.rows = 'hangs';

    const joiner = town.start('c');
    await town.clock.pass(20_000);

    expect(joiner.streams.connected.length).toBeGreaterThan(4);
    expect(once(town.connections())).toBe(true);
  });

  it('leaves a channel to whoever serves it while the one it belongs to cannot connect', async () => {
    const { town, gateways } = await settledGateways('a');
    const all = new Set(town.channels.map(({ id }) => id));

    const joiner = town.start('b');
    all.forEach((id) => joiner.streams.unreachable.add(id));
    await town.clock.pass(30_000);

    expect(sharesOf([...gateways, joiner])).toEqual([30, 0]);
  });

  it('connects a channel twice, on two gateways, when it wants that, and goes back to once', async () => {
    const { town } = await settledGateways('a', 'b', 'c');

    town.channels = town.channels.map((channel) => ({ ...channel, connections: 2 }));
    town.changed();
    await town.clock.pass(5_000);
    expect(new Set(town.connections())).toEqual(new Set([2]));
    expect(town.ledger.leases.size).toBe(60);

    town.channels = town.channels.map((channel) => ({ ...channel, connections: 1 }));
    town.changed();
    await town.clock.pass(5_000);

    expect(once(town.connections())).toBe(true);
    expect(town.ledger.leases.size).toBe(30);
  });

  it('closes a channel that is gone from the list, and gives its lease back', async () => {
    const { town } = await settledGateways('a', 'b');

    town.channels = town.channels.slice(1);
    town.changed();
    await town.clock.pass(1_000);

    expect(town.all.flatMap(({ streams }) => streams.connected)).toHaveLength(29);
    expect(town.ledger.leases.size).toBe(29);
  });
});
