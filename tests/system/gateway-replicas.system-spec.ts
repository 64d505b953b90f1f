import { Stopwatch } from '@common/testing';
import { Fleet } from './support/fleet';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { Sampler } from './support/sampler';
import type { ServiceProcess } from './support/service-process';
import { SteadyLoad } from './support/steady-load';

const isLong = process.env['LONG'] === '1';
/** So many that no gateway is left with few of them, whatever their ids are. */
const CHANNELS = isLong ? 200 : 60;
const REPLICAS = isLong ? [2, 3] : [3];
/** A lease lasts 6 s. */
const takeoverMs = 10_000;
const joinMs = 15_000;
/** Heartbeats are believed for 4 s. */
const silentMs = 5_000;

describe.each(REPLICAS)('%d gateways', (replicas) => {
  let installation: Installation;
  let fleet: Fleet;
  let gateways: ServiceProcess[];

  beforeAll(async () => {
    installation = await Installation.start({ replicas: { gateway: replicas } });
    gateways = Array.from({ length: replicas }, (_, n) => installation.service('gateway', n));
    fleet = await Fleet.join(installation, CHANNELS);
  });

  afterAll(() => installation?.stop());

  const sharesOf = (of: readonly ServiceProcess[]) =>
    Promise.all(of.map(async ({ pid }) => (await fleet.heldBy(pid)).length));

  /** Every one has channels, all together each channel once. */
  const untilShared = (of: readonly ServiceProcess[], withinMs?: number) =>
    eventually(
      'the channels are shared',
      async () => {
        const shares = await sharesOf(of);
        const total = shares.reduce((sum, share) => sum + share, 0);
        if (total !== CHANNELS || Math.min(...shares) < CHANNELS / replicas / 3)
          throw new Error(`shares are ${shares.join(', ')}`);
        return true;
      },
      withinMs,
    );

  const leastConnections = async () => Math.min(...(await fleet.connections()).values());

  it('share the channels: each is connected once', async () => {
    await untilShared(gateways, joinMs);
    await fleet.untilEachHas(1, joinMs);
  });

  it('of which one is killed: the others connect its channels within 10 s, and status never lies', async () => {
    const [victim, ...others] = gateways;
    if (!victim) throw new Error('there is none');
    const lost = await fleet.heldBy(victim.pid);
    const mine = fleet.channels.find(({ channelId }) => channelId === lost[0]);
    const other = fleet.channels.find(({ channelId }) => !lost.includes(channelId));
    if (!mine || !other) throw new Error('it holds none or all');

    const [held] = (await fleet.status(mine)).connections;
    if (!held) throw new Error('it is not connected');

    await victim.kill();
    const watch = new Stopwatch();
    const diedAt = Date.now();
    const states = new Sampler(async () => {
      const askedMs = Date.now() - diedAt;
      const [said, kept] = [await fleet.status(mine), await fleet.status(other)];
      const holders = said.connections.map(({ gatewayId }) => gatewayId);
      return { askedMs, isSaid: said.state === 'connected', holders, kept: kept.state };
    });
    await untilShared(others);
    await fleet.untilEachHas(1);
    const tookMs = watch.elapsedMs;
    watch.stop();

    const seen = await states.stop();
    console.log(`takeover of ${lost.length} channels by ${others.length}: ${tookMs} ms`);
    expect(tookMs).toBeLessThan(takeoverMs);
    expect(new Set(seen.map(({ kept }) => kept))).toEqual(new Set(['connected']));
    // Silent after 4 s, then taken over: nothing is said to be connected that is not.
    const lies = seen.filter(
      ({ askedMs, isSaid, holders }) =>
        askedMs > silentMs && isSaid && (holders.length === 0 || holders.includes(held.gatewayId)),
    );
    expect(lies).toEqual([]);
    await installation.admin.untilState(mine.channelId, 'connected');
  });

  it('of which one joins: it takes its share within 15 s, no channel is without a connection', async () => {
    const [joiner] = gateways;
    if (!joiner) throw new Error('there is none');
    const least = new Sampler(leastConnections);
    const states = new Sampler(async () => {
      const all = await Promise.all(fleet.channels.slice(0, 5).map((one) => fleet.status(one)));
      return all.map(({ state }) => state);
    }, 200);

    await joiner.restart();
    await untilShared(gateways, joinMs);
    await fleet.untilEachHas(1, joinMs);

    expect(new Set(await least.stop())).not.toContain(0);
    expect(new Set((await states.stop()).flat())).toEqual(new Set(['connected']));
  });

  it('connect a channel twice when it wants that, and once when the platform does not bear two', async () => {
    const two = await Fleet.join(installation, 1, { connections: 2 });
    const [channel] = two.channels;
    if (!channel) throw new Error('there is none');
    await two.untilEachHas(2);
    const connected = await eventually('both are in its status', async () => {
      const status = await two.status(channel);
      return status.connections.length === 2 && status;
    });
    expect(new Set(connected.connections.map(({ gatewayId }) => gatewayId)).size).toBe(2);

    await installation.sandbox.settings({ evictOlder: true });
    const [one] = await installation.sandbox.connections(channel.clientId);
    await installation.sandbox.call('POST', `/connections/${one?.id}/reset`, {});
    const status = await installation.admin.untilState(channel.channelId, 'degraded');
    await two.untilEachHas(1);
    await installation.sandbox.settings({ evictOlder: false });

    expect(status.code).toBe('single_connection');
    await installation.admin.remove(`/channels/${channel.channelId}`);
  });

  it('that are restarted one after the other under load lose and double nothing', async () => {
    const load = new SteadyLoad(installation, fleet.channels.slice(0, 10), isLong ? 20 : 10);
    const least = new Sampler(leastConnections);

    for (const gateway of gateways) {
      expect(await gateway.stop()).toBe(0);
      await gateway.restart();
    }

    await load.stop();
    expect(new Set(await least.stop())).not.toContain(0);
    await load.expectOneAnswerEach(30_000);
    console.log(`rolling restart: ${load.asked} questions`);
    expect(await installation.sandbox.violations()).toEqual([]);
  });
});
