import { randomBytes } from 'node:crypto';

import Redis from 'ioredis';

import { Metrics } from '@common/bootstrap';
import { inboundQueue } from '@common/contracts';
import { SecretBox, SystemClock } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import { RedisKeys } from '@common/redis';
import {
  aCardActionFrame,
  aFrame,
  eventually,
  Gate,
  OwnStores,
  RecordingLogger,
  RecordingProducer,
  Rows,
  standIn,
  timed,
} from '@common/testing';

import type { AckTimes } from '../src/intake/ack-times.service';
import type { RosterChannel } from '../src/channels/channel-roster.repository';
import type { GatewayConfig } from '../src/gateway.config';
import { EventKeeper } from '../src/intake/event-keeper.service';
import { InboundWake } from '../src/intake/inbound-wake.service';
import { IntakePipeline } from '../src/intake/intake.pipeline';
import { JournalWriter } from '../src/intake/journal-writer.service';
import { JournalRepository } from '../src/intake/journal.repository';
import { Journal } from '../src/intake/journal.service';
import { SpillDrain } from '../src/intake/spill-drain.service';
import { Spill } from '../src/intake/spill.service';
import { SpillStore } from '../src/intake/spill.store';

const clock = new SystemClock();
const secrets = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);
const config = standIn<GatewayConfig>({
  GATEWAY_JOURNAL_TIMEOUT_MS: 300,
  GATEWAY_MAX_PENDING: 1_000,
  GATEWAY_SPILL_MAX: 20,
});

let stores: OwnStores;
let rows: Rows;
let gate: Gate;
let redis: Redis;
let channel: RosterChannel;
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  redis = new Redis(stores.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await stores.close();
});
beforeEach(async () => {
  gate = await Gate.before(stores.databaseUrl);
  await gate.open();
  const id = await rows.aChannel();
  channel = standIn<RosterChannel>({
    ...{ id, tenantId: rows.tenantId, clientId: id, scope: 'person' },
  });
});
afterEach(async () => {
  await Promise.all(endings.splice(0).map((end) => end()));
  await gate.close();
  await redis.del(keys().spill, keys().spillSetAside);
});

const keys = (): RedisKeys => new RedisKeys(stores.prefix);

/** The intake of one gateway process, its Postgres behind the gate. */
async function aGateway(box = secrets) {
  const logger = new RecordingLogger();
  const metrics = new Metrics('spec');
  const database = new Database(
    createDataSource({ url: gate.url, poolSize: 4, applicationName: 'spec' }),
  );
  const repository = new JournalRepository(database, box);
  const writer = new JournalWriter(repository, logger);
  const journal = new Journal(writer, repository, config, logger, metrics);
  const store = new SpillStore(redis, keys(), box);
  const spill = new Spill(store, config, clock, logger, metrics);
  const inbound = new RecordingProducer(inboundQueue);
  const wake = new InboundWake(inbound, clock, logger);
  const drain = new SpillDrain(spill, store, writer, journal, wake, clock, logger);
  const keeper = new EventKeeper(config, journal, spill, clock);
  const ackTimes = standIn<AckTimes>({ note: () => undefined });
  const intake = new IntakePipeline(keeper, wake, journal, ackTimes, clock, logger, metrics);
  await drain.start();
  endings.push(
    () => drain.stop(),
    () => database.close(),
  );
  return { intake, inbound, logger, spill, drain };
}
const message = (msgId: string) => aFrame({ msgId }, { receivedAtMs: clock.now() });
const journaled = async (): Promise<string[]> => {
  const found = await stores.sql<{ id: string }>(
    `SELECT platform_message_id AS id FROM inbound_event WHERE channel_id = $1 ORDER BY received_at, id`,
    [channel.id],
  );
  return found.map(({ id }) => id);
};
/** What is expected comes true. */
const holds = (expectation: () => unknown): Promise<true> =>
  eventually(async () => {
    await expectation();
    return true as const;
  });

describe('the spill', () => {
  it.each(['hangs', 'is gone'])(
    'P1 takes what comes while Postgres %s, acknowledges in time, and moves it when it is back',
    async (how) => {
      const { intake, inbound, spill } = await aGateway();
      await intake.take(channel, message('before'));
      await holds(async () => expect(await journaled()).toEqual(['before']));
      await holds(() => expect(inbound.jobs).toHaveLength(1));
      await holds(() => expect(spill.isInUse).toBe(false));
      if (how === 'hangs') gate.freeze();
      else await gate.close();

      const taken = await Promise.all([
        timed(() => intake.take(channel, message('first'))),
        timed(() => intake.take(channel, aCardActionFrame({ receivedAtMs: clock.now() }))),
      ]);
      const behind = await timed(() => intake.take(channel, message('second')));

      for (const { value, tookMs } of [...taken, behind]) {
        expect(value).toMatchObject({ code: 200 });
        expect(tookMs).toBeLessThan(1_500);
      }
      expect(inbound.jobs).toHaveLength(1);
      if (how === 'hangs') gate.thaw();
      else await gate.open();
      await holds(async () => expect(await journaled()).toHaveLength(4));
      expect((await journaled()).filter((id) => id !== null)).toEqual([
        ...['before', 'first', 'second'],
      ]);
      await holds(() => expect(inbound.jobIds).toHaveLength(4));
      await holds(() => expect(spill.isInUse).toBe(false));
      expect(await redis.xlen(keys().spill)).toBe(0);
    },
  );

  it('P1 loses nothing when the gateway that took it dies: another one moves it', async () => {
    const dead = await aGateway();
    await gate.close();
    await dead.intake.take(channel, message('from the dead'));
    await Promise.all(endings.splice(0).map((end) => end()));

    await gate.open();
    const { inbound } = await aGateway();

    await holds(async () => expect(await journaled()).toEqual(['from the dead']));
    await holds(() => expect(inbound.jobs).toHaveLength(1));
  });

  it('P3 lets nothing overtake what waits there, also on another gateway', async () => {
    const [one, two] = [await aGateway(), await aGateway()];
    await gate.close();
    await one.intake.take(channel, message('1'));
    await holds(() => expect(two.spill.isInUse).toBe(true));

    await two.intake.take(channel, message('2'));

    expect(await redis.xlen(keys().spill)).toBe(2);
    expect(await journaled()).toEqual([]);
  });

  it('P8 keeps it sealed', async () => {
    const { intake } = await aGateway();
    await gate.close();
    await intake.take(channel, message('secret'));

    const kept = await redis.xrangeBuffer(keys().spill, '-', '+');
    const bytes = Buffer.concat(kept.flatMap(([, fields]) => fields)).toString('latin1');
    expect(bytes).not.toContain('What time');
    expect(bytes).not.toContain('s3cret');
  });

  it('P10 does not acknowledge more than Redis may hold', async () => {
    const { intake } = await aGateway();
    await gate.close();

    const replies = [];
    for (let n = 0; n < 25; n += 1) replies.push(await intake.take(channel, message(`m${n}`)));

    // What arrives while a look is under way may be counted twice for a moment: fewer, never more.
    const acknowledged = replies.filter((reply) => reply?.code === 200).length;
    expect(acknowledged).toBeGreaterThan(10);
    expect(acknowledged).toBeLessThanOrEqual(20);
    expect(await redis.xlen(keys().spill)).toBeLessThanOrEqual(20);
  });

  it('leaves what it cannot read to gateways that can, sets it aside in the end, and moves the rest', async () => {
    const { intake, spill } = await aGateway();
    await gate.close();
    const stranger = SecretBox.parse(`k9:${randomBytes(32).toString('base64')}`);
    await redis.xadd(keys().spill, '1-0', 'sealed', stranger.seal('{}'));
    await redis.xadd(keys().spill, '*', 'sealed', stranger.seal('{}'));
    await holds(() => expect(spill.isInUse).toBe(true));
    await intake.take(channel, message('readable'));
    await gate.open();

    await holds(async () => expect(await journaled()).toEqual(['readable']));
    await holds(async () => expect(await redis.xlen(keys().spill)).toBe(1));
    expect(await redis.xlen(keys().spillSetAside)).toBe(1);
  });

  it('P1 trusts no Redis whose append-only file was switched off since the last look', async () => {
    const { intake, drain } = await aGateway();
    await gate.close();
    await drain.stop();
    expect(await intake.take(channel, message('safe'))).toMatchObject({ code: 200 });
    await redis.config('SET', 'appendonly', 'no');
    try {
      expect(await intake.take(channel, message('volatile'))).toBeUndefined();
    } finally {
      await redis.config('SET', 'appendonly', 'yes');
    }
  });

  it('P1 trusts no Redis without an append-only file', async () => {
    await redis.config('SET', 'appendonly', 'no');
    try {
      const { intake } = await aGateway();
      await gate.close();
      expect(await intake.take(channel, message('volatile'))).toBeUndefined();
    } finally {
      await redis.config('SET', 'appendonly', 'yes');
    }
  });
});
