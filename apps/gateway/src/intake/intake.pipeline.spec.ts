import { Metrics } from '@common/bootstrap';
import { inboundQueue } from '@common/contracts';
import type { Deadlines } from '@common/kernel';
import { DatabaseUnavailableError } from '@common/persistence';
import {
  aCardActionFrame,
  aFrame,
  anEventFrame,
  anId,
  ManualClock,
  RecordingLogger,
  RecordingProducer,
  settled,
  standIn,
} from '@common/testing';

import type { RosterChannel } from '../channels/channel-roster.repository';
import type { GatewayConfig } from '../gateway.config';
import type { AckTimes } from './ack-times.service';
import { EventKeeper } from './event-keeper.service';
import { InboundWake } from './inbound-wake.service';
import { IntakePipeline } from './intake.pipeline';
import type { ChannelEntry, Journaled } from './journal.repository';
import { type Journal, JournalLateError } from './journal.service';
import type { Spill } from './spill.service';

const TIMEOUT_MS = 800;
const channel = standIn<RosterChannel>({
  id: anId('channel'),
  tenantId: anId('tenant'),
  clientId: 'ding1',
  scope: 'person',
});
/** A database that hangs. */
const untilPatienceEnds = (_row: ChannelEntry, patience?: Deadlines): Promise<never> =>
  new Promise((_resolve, reject) => {
    patience?.begin(() => reject(new JournalLateError()));
  });
const fresh = (row: ChannelEntry): Promise<Journaled> =>
  Promise.resolve({ id: row.entry.id, isNew: true, isPending: true, wake: 0 });

function anIntake(
  write: (row: ChannelEntry, patience?: Deadlines) => Promise<Journaled | null> = fresh,
  spills = false,
) {
  const inbound = new RecordingProducer(inboundQueue);
  const written: ChannelEntry[] = [];
  const quotaNotes: string[] = [];
  const journal = standIn<Journal>({
    write: (row, patience) => {
      written.push(row);
      return write(row, patience);
    },
    noteQuota: (_row, code) => {
      quotaNotes.push(code);
      return Promise.resolve();
    },
  });
  const config = standIn<GatewayConfig>({ GATEWAY_JOURNAL_TIMEOUT_MS: TIMEOUT_MS });
  const redis = { has: spills, asked: 0 };
  const spill = standIn<Spill>({
    isInUse: false,
    take: () => Promise.resolve(redis.asked++ >= 0 && redis.has),
  });
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const metrics = new Metrics('spec');
  const keeper = new EventKeeper(config, journal, spill, clock);
  const wake = new InboundWake(inbound, clock, logger);
  const ackTimes = standIn<AckTimes>({ note: () => undefined });
  const pipeline = new IntakePipeline(keeper, wake, journal, ackTimes, clock, logger, metrics);
  return { pipeline, inbound, written, quotaNotes, redis, clock, logger, metrics };
}

describe('IntakePipeline', () => {
  it('P1 acknowledges only after the journal has the event', async () => {
    let durable: (journaled: Journaled) => void = () => undefined;
    const { pipeline, written } = anIntake(() => new Promise((resolve) => (durable = resolve)));
    let ack: unknown = 'none yet';
    const taken = pipeline.take(channel, aFrame()).then((reply) => (ack = reply));

    await settled();
    expect(written).toHaveLength(1);
    expect(ack).toBe('none yet');
    durable({ id: anId('event'), isNew: true, isPending: true, wake: 0 });
    await taken;

    expect(ack).toEqual({ code: 200, data: { response: null } });
  });

  it('wakes the dispatcher for the event before it acknowledges', async () => {
    const { pipeline, inbound, written } = anIntake();

    await pipeline.take(channel, aFrame());

    expect(inbound.jobs).toMatchObject([
      { eventId: written[0]?.entry.id, tenantId: channel.tenantId, wake: 0 },
    ]);
  });

  it('P2 twice: enqueues a duplicate that still waits again, under the same job id', async () => {
    const { pipeline, inbound } = anIntake();

    await pipeline.take(channel, aFrame());
    await pipeline.take(channel, aFrame({}, { messageId: 'push-2' }));

    expect(inbound.jobs).toHaveLength(2);
    expect(inbound.jobIds).toHaveLength(1);
  });

  it('twice: only acknowledges a duplicate that was processed', async () => {
    const { pipeline, inbound } = anIntake(({ entry }) =>
      Promise.resolve({ id: entry.id, isNew: false, isPending: false, wake: 3 }),
    );

    expect(await pipeline.take(channel, aFrame())).toMatchObject({ code: 200 });
    expect(inbound.jobs).toEqual([]);
  });

  it('late: does not acknowledge what neither store could take in time', async () => {
    const { pipeline, inbound, clock, logger } = anIntake(untilPatienceEnds);
    const taken = pipeline.take(channel, aFrame());

    await clock.pass(TIMEOUT_MS);

    expect(await taken).toBeUndefined();
    expect(inbound.jobs).toEqual([]);
    expect(logger.lines).toMatchObject([
      { message: 'frame not acknowledged', fields: { code: 'journal_late' } },
    ]);
  });

  it('P1 acknowledges what Redis took when the database was late, and leaves the job to the drain', async () => {
    const { pipeline, inbound, clock, redis } = anIntake(untilPatienceEnds, true);
    const taken = pipeline.take(channel, aFrame());

    await clock.pass(TIMEOUT_MS - 1);
    expect(redis.asked).toBe(0);
    await clock.pass(1);

    expect(await taken).toMatchObject({ code: 200 });
    expect(inbound.jobs).toEqual([]);
  });

  it('does not wait for a database that says it is away', async () => {
    const { pipeline } = anIntake(
      () => Promise.reject(new DatabaseUnavailableError(new Error('gone'))),
      true,
    );

    expect(await pipeline.take(channel, aCardActionFrame())).toMatchObject({ code: 200 });
  });

  it('leaves nothing in Redis that the database will never take', async () => {
    const { pipeline, redis } = anIntake(() => Promise.reject(new TypeError('bug')), true);

    expect(await pipeline.take(channel, aFrame())).toBeUndefined();
    expect(redis.asked).toBe(0);
  });

  it('late: acknowledges although the queue hangs, for the row is enough', async () => {
    const { pipeline, inbound, clock } = anIntake();
    inbound.enqueue = () => new Promise(() => undefined);
    const taken = pipeline.take(channel, aCardActionFrame());
    const message = pipeline.take(channel, aFrame());

    await clock.pass(500);

    expect(await taken).toMatchObject({ code: 200 });
    expect(await message).toMatchObject({ code: 200 });
  });

  it('counts acknowledgements that come after the platform’s deadline', async () => {
    let durable: () => void = () => undefined;
    const { pipeline, clock, metrics } = anIntake(
      ({ entry }) =>
        new Promise((resolve) => {
          durable = () => resolve({ id: entry.id, isNew: true, isPending: false, wake: 0 });
        }),
    );
    const taken = pipeline.take(channel, aFrame({}, { receivedAtMs: clock.now() }));
    clock.jump(3_500);
    durable();
    await taken;

    const lines = await metrics.registry.metrics();
    expect(lines).toMatch(/gateway_acks_late_total\{kind="message",service="spec"\} 1/);
  });

  it('does not acknowledge what the database refused to take at all', async () => {
    const { pipeline, logger } = anIntake(() =>
      Promise.reject(new DatabaseUnavailableError(new Error('gone'))),
    );

    expect(await pipeline.take(channel, aFrame())).toBeUndefined();
    expect(logger.lines[0]?.fields).toMatchObject({ code: 'database_unavailable' });
  });

  it('leaves no timer behind', async () => {
    const { pipeline, clock } = anIntake();

    await pipeline.take(channel, aFrame());

    expect(clock.sleepers.size).toBe(0);
  });

  it('P5 acknowledges when the queue is away: the row is enough', async () => {
    const { pipeline, inbound, logger } = anIntake();
    inbound.isAway = true;

    expect(await pipeline.take(channel, aFrame())).toMatchObject({ code: 200 });
    expect(logger.messages).toEqual(['job left to the sweeper']);
  });

  it('P10 acknowledges a message that names nothing, so that it does not come for ever', async () => {
    const { pipeline, written } = anIntake();

    expect(await pipeline.take(channel, aFrame({}, { data: 'no json' }))).toEqual({ code: 200 });
    expect(written).toEqual([]);
  });

  it('acknowledges a quarantined event without waking anybody', async () => {
    const { pipeline, inbound } = anIntake(() => Promise.resolve(null));

    expect(await pipeline.take(channel, aFrame())).toMatchObject({ code: 200 });
    expect(inbound.jobs).toEqual([]);
  });

  it('wakes the dispatcher for events and clicks too, and acknowledges each in its own words', async () => {
    const { pipeline, inbound, written } = anIntake();

    expect(await pipeline.take(channel, anEventFrame())).toEqual({
      code: 200,
      data: { status: 'SUCCESS', message: 'taken' },
    });
    expect(await pipeline.take(channel, aCardActionFrame())).toEqual({
      code: 200,
      data: { response: {} },
    });

    expect(written.map(({ entry }) => entry.kind)).toEqual(['event', 'card_action']);
    expect(inbound.jobs.map(({ eventId }) => eventId)).toEqual(
      written.map(({ entry }) => entry.id),
    );
  });

  it('provider says no: tells the operators that the allowance is used up, and asks nobody', async () => {
    const { pipeline, inbound, quotaNotes } = anIntake();

    await pipeline.take(channel, aFrame({ text: undefined, msgtype: undefined, errorCode: 'Q1' }));

    expect(quotaNotes).toEqual(['Q1']);
    expect(inbound.jobs).toEqual([]);
  });
});
