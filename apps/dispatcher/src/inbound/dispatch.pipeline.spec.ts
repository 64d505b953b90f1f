import { deliveryQueue, filesQueue, generationQueue, outboundQueue } from '@common/contracts';
import { memberMapping } from '@common/domain';
import type { Tx } from '@common/persistence';
import { WorkProducer } from '@common/queue';
import {
  anId,
  anInboundJob,
  FakeAnnouncer,
  ManualClock,
  RecordingLogger,
  RecordingProducer,
  settled,
  standIn,
} from '@common/testing';

import type { Introductions } from '../mapping/introductions.service';
import type { LooseEvents } from '../loose/loose-events.service';
import { DispatchPipeline } from './dispatch.pipeline';
import type { EventEffect } from './event-effect.service';
import { type Aftermath, FollowUp } from './follow-up.service';
import type { LaneEvent } from './lane-event';
import { aLaneEvent } from './lane-event.fixture';
import type { ThreadLane } from './thread-lane.service';

/** A lane whose events are gone once their effect was committed, as in Postgres. */
function laneWith(waiting: LaneEvent[]): ThreadLane {
  return standIn<ThreadLane>({
    origin: () => Promise.resolve({ threadId: anId('thread'), mapping: memberMapping.parse({}) }),
    drain: async (_job, effect, afterCommit) => {
      for (let event = waiting[0]; event; event = waiting[0]) {
        const left = await effect(event, standIn<Tx>({}));
        waiting.shift();
        await afterCommit(left);
      }
    },
  });
}

const workFor = ({ id }: LaneEvent): Aftermath => ({
  works: [
    {
      turn: { id: anId(`turn ${id}`), wake: 0 },
      delivery: { id: anId(`delivery ${id}`), wake: 0 },
    },
  ],
});

function aDispatch(
  waiting: LaneEvent[],
  apply = (event: LaneEvent) => Promise.resolve(workFor(event)),
  lane = laneWith(waiting),
) {
  const generation = new RecordingProducer(generationQueue);
  const delivery = new RecordingProducer(deliveryQueue);
  const files = new RecordingProducer(filesQueue);
  const logger = new RecordingLogger();
  const announcer = new FakeAnnouncer();
  const clock = new ManualClock();
  const pipeline = new DispatchPipeline(
    lane,
    standIn<LooseEvents>({}),
    standIn<Introductions>({}),
    standIn<EventEffect>({ apply }),
    new FollowUp(
      new WorkProducer(generation, delivery, logger),
      announcer,
      files,
      new RecordingProducer(outboundQueue),
      logger,
    ),
    clock,
  );
  return { pipeline, generation, delivery, files, logger, announcer, clock };
}

describe('DispatchPipeline', () => {
  it('wakes generator and sender for the turn that an event opened', async () => {
    const event = aLaneEvent();
    const { pipeline, generation, delivery } = aDispatch([event]);

    await pipeline.run(anInboundJob());

    expect(generation.jobs).toEqual([{ ...envelope, turnId: anId(`turn ${event.id}`), wake: 0 }]);
    expect(delivery.jobs).toMatchObject([{ deliveryId: anId(`delivery ${event.id}`) }]);
  });

  it('twice: does nothing the second time', async () => {
    const { pipeline, generation } = aDispatch([aLaneEvent()]);

    await pipeline.run(anInboundJob());
    await pipeline.run(anInboundJob());

    expect(generation.jobs).toHaveLength(1);
  });

  it('late: one job brings up to date whatever waits in the thread', async () => {
    const waiting = ['1', '2', '3'].map((n) => aLaneEvent({ id: anId(n) }));
    const { pipeline, generation } = aDispatch(waiting);

    await pipeline.run(anInboundJob({ eventId: anId('3') }));

    expect(generation.jobs.map(({ turnId }) => turnId)).toEqual(
      ['1', '2', '3'].map((n) => anId(`turn ${anId(n)}`)),
    );
  });

  it('P5 ends well when both queues are away: the rows are committed, the sweeper wakes them', async () => {
    const { pipeline, generation, delivery, logger } = aDispatch([aLaneEvent()]);
    generation.isAway = true;
    delivery.isAway = true;

    await pipeline.run(anInboundJob());

    expect(logger.messages).toEqual(['job left to the sweeper', 'job left to the sweeper']);
  });

  it('gives the sender its job although the queue of the generator is away', async () => {
    const { pipeline, generation, delivery } = aDispatch([aLaneEvent()]);
    generation.isAway = true;

    await pipeline.run(anInboundJob());

    expect(delivery.jobs).toHaveLength(1);
  });

  it('wakes nobody for a turn that waits behind another', async () => {
    const { pipeline, generation, delivery } = aDispatch([aLaneEvent()], () => Promise.resolve({}));

    await pipeline.run(anInboundJob());

    expect([...generation.jobs, ...delivery.jobs]).toEqual([]);
  });

  it('announces running turns that an effect asked to stop', async () => {
    const { pipeline, announcer } = aDispatch([aLaneEvent()], () =>
      Promise.resolve({ stoppedTurnIds: [anId('running')] }),
    );

    await pipeline.run(anInboundJob());

    expect(announcer.news).toEqual([{ name: 'turn.cancel', news: { turnId: anId('running') } }]);
  });

  it('rests before it looks again at somebody whom it refused without a word', async () => {
    const waiting = ['1', '2'].map((n) => aLaneEvent({ id: anId(n) }));
    const { pipeline, clock } = aDispatch(waiting, () => Promise.resolve({ isFlood: true }));
    const run = pipeline.run(anInboundJob());

    await settled();
    expect(waiting).toHaveLength(1);
    await clock.pass(250);
    expect(waiting).toHaveLength(0);
    await clock.pass(250);
    await run;
  });

  it('P10 rests with two workers at most: a crowd that is refused holds up nobody else', async () => {
    let resting = 0;
    const lane = standIn<ThreadLane>({
      ...laneWith([]),
      drain: async (_job, effect, afterCommit) => {
        const left = await effect(aLaneEvent(), standIn<Tx>({}));
        resting += 1;
        await afterCommit(left);
        resting -= 1;
      },
    });
    const { pipeline, clock } = aDispatch([], () => Promise.resolve({ isFlood: true }), lane);
    const runs = ['1', '2', '3', '4'].map((n) => pipeline.run(anInboundJob({ eventId: anId(n) })));

    await settled();
    expect(resting).toBe(2);
    await clock.pass(250);
    await Promise.all(runs);
  });

  it('settles what belongs to no thread alone, and does what it left', async () => {
    const generation = new RecordingProducer(generationQueue);
    const delivery = new RecordingProducer(deliveryQueue);
    const outbound = new RecordingProducer(outboundQueue);
    const settle = () =>
      Promise.resolve({
        works: [{ delivery: { id: anId('d'), wake: 0 } }],
        notices: [{ id: anId('n'), wake: 2 }],
      });
    const logger = new RecordingLogger();
    const pipeline = new DispatchPipeline(
      standIn<ThreadLane>({
        origin: () => Promise.resolve({ threadId: null, mapping: memberMapping.parse({}) }),
      }),
      standIn<LooseEvents>({ settle }),
      standIn<Introductions>({}),
      standIn<EventEffect>({}),
      new FollowUp(
        new WorkProducer(generation, delivery, logger),
        new FakeAnnouncer(),
        new RecordingProducer(filesQueue),
        outbound,
        logger,
      ),
      new ManualClock(),
    );

    await pipeline.run(anInboundJob());

    expect(delivery.jobs).toMatchObject([{ deliveryId: anId('d') }]);
    expect(outbound.jobs).toMatchObject([{ noticeId: anId('n'), wake: 2 }]);
  });

  it('wakes nobody for an effect that was rolled back', async () => {
    const { pipeline, generation } = aDispatch([aLaneEvent()], () =>
      Promise.reject(new Error('rolled back')),
    );

    await expect(pipeline.run(anInboundJob())).rejects.toThrow('rolled back');
    expect(generation.jobs).toEqual([]);
  });
});

const { tenantId, correlationId, version } = anInboundJob();
const envelope = { tenantId, correlationId, version };
