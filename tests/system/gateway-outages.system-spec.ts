import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './support/eventually';
import { Fleet } from './support/fleet';
import { Installation } from './support/installation';
import { Sampler } from './support/sampler';
import { SteadyLoad } from './support/steady-load';
import {
  projectRoot,
  type RunningPostgres,
  type RunningRedis,
  startPostgres,
  startRedis,
} from './support/stack';

const isLong = process.env['LONG'] === '1';
/** Longer than a lease in any case. */
const awayMs = isLong ? 60_000 : 7_000;
const perSecond = isLong ? 20 : 8;
/** After Postgres was away nobody takes over for 12 s; what was pushed to a paused process comes again. */
const recoveryMs = isLong ? 60_000 : 30_000;
/** So many that each gateway has some, whatever their ids are. */
const CHANNELS = 16;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Has stores of its own: what is done to them must not meet other specs. */
describe('two gateways under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-outages-'));
  const forRedis = {
    dataDir: join(folder, 'redis'),
    cacheDir: join(projectRoot(), '.data', 'cache'),
  };
  const forPostgres = { dataDir: join(folder, 'postgres'), fast: true };
  let redis: RunningRedis;
  let postgres: RunningPostgres;
  let installation: Installation;
  let fleet: Fleet;
  let pids: number[];

  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedis(forRedis), startPostgres(forPostgres)]);
    installation = await Installation.start({
      replicas: { gateway: 2 },
      databaseUrl: postgres.url,
      redisUrl: redis.url,
    });
    fleet = await Fleet.join(installation, CHANNELS);
    pids = installation.services.map(({ pid }) => pid);
    await fleet.untilEachHas(1);
  });

  afterAll(async () => {
    await installation?.stop();
    await Promise.all([redis?.stop(), postgres?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const connectionIds = async () =>
    (await installation.sandbox.call<{ id: string }[]>('GET', '/connections'))
      .map(({ id }) => id)
      .sort();

  const expectAllWell = async (load: SteadyLoad) => {
    await load.expectOneAnswerEach(recoveryMs);
    await fleet.untilEachHas(1, recoveryMs);
    for (const { channelId } of fleet.channels)
      await installation.admin.untilState(channelId, 'connected');
    expect(installation.services.map(({ pid }) => pid)).toEqual(pids);
    expect(installation.services.every((service) => service.isRunning())).toBe(true);
    expect(await installation.sandbox.violations()).toEqual([]);
  };

  it('P11 Redis stops: no connection moves, status stays true, every question has its one answer', async () => {
    const before = await connectionIds();
    const load = new SteadyLoad(installation, fleet.channels, perSecond);
    await redis.stop();
    const states = new Sampler(async () => {
      const all = await Promise.all(fleet.channels.map((channel) => fleet.status(channel)));
      return all.map(({ state }) => state);
    }, 500);

    await pause(awayMs);
    redis = await startRedis(forRedis);
    // Long enough for every gateway to believe in Redis again.
    await pause(isLong ? 15_000 : 7_000);
    await load.stop();

    expect(new Set((await states.stop()).flat())).toEqual(new Set(['connected']));
    expect(await connectionIds()).toEqual(before);
    await expectAllWell(load);
  });

  it('Postgres stops: connections stay, status says that it does not know, every question has its one answer', async () => {
    const before = await connectionIds();
    const load = new SteadyLoad(installation, fleet.channels, perSecond);
    await postgres.stop();

    await eventually('REST says that the database is away', async () => {
      const { status, text } = await installation.admin.raw(
        'GET',
        `/channels/${fleet.channels[0]?.channelId}/status`,
      );
      return status === 503 && text.includes('database_unavailable');
    });
    await pause(awayMs);
    expect(await connectionIds()).toEqual(before);
    postgres = await startPostgres(forPostgres);
    await pause(2_000);
    await load.stop();

    await expectAllWell(load);
  });

  it('one is paused for longer than its lease: no double answer and no zombie connection', async () => {
    const [sleeper, other] = [
      installation.service('gateway', 0),
      installation.service('gateway', 1),
    ];
    // A paused process answers them late: the sandbox would call that a violation, and rightly so.
    await installation.sandbox.settings({ pingMs: 0 });
    const load = new SteadyLoad(installation, fleet.channels, perSecond);
    process.kill(sleeper.pid, 'SIGSTOP');
    await pause(awayMs);
    await eventually(
      'the other has all channels',
      async () => (await fleet.heldBy(other.pid)).length === CHANNELS,
    );

    process.kill(sleeper.pid, 'SIGCONT');
    await fleet.untilEachHas(1, 10_000);
    await eventually('it has its share again', async () => {
      const shares = [await fleet.heldBy(sleeper.pid), await fleet.heldBy(other.pid)];
      return shares.every((one) => one.length > 0) && shares.flat().length === CHANNELS;
    });
    await load.stop();

    await expectAllWell(load);
  });
});
