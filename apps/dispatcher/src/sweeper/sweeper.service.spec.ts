import type { Incarnation } from '@common/bootstrap';
import {
  deliveryQueue,
  filesQueue,
  generationQueue,
  inboundQueue,
  outboundQueue,
} from '@common/contracts';
import { WorkProducer } from '@common/queue';
import { anId, ManualClock, RecordingLogger, RecordingProducer, standIn } from '@common/testing';

import type { DispatcherConfig } from '../dispatcher.config';
import { BATCH, type SweeperRepository, type Woken } from './sweeper.repository';
import { Sweeper } from './sweeper.service';

const woken = (word: string, wake = 1): Woken => ({
  id: anId(word),
  tenantId: anId('tenant'),
  wake,
});
const none = (): Promise<never[]> => Promise.resolve([]);

function aSweeper(found: Partial<SweeperRepository>, mayTakeOver = true) {
  const queues = {
    inbound: new RecordingProducer(inboundQueue),
    generation: new RecordingProducer(generationQueue),
    delivery: new RecordingProducer(deliveryQueue),
    files: new RecordingProducer(filesQueue),
    outbound: new RecordingProducer(outboundQueue),
  };
  const clock = new ManualClock();
  const redis: { status: 'ready' | 'reconnecting' } = { status: 'ready' };
  const logger = new RecordingLogger();
  const rows = {
    events: none,
    turns: none,
    deliveries: none,
    files: none,
    notices: none,
    strandedThreads: none,
    forgetOldIncarnations: () => Promise.resolve(),
    forgetOldTransitions: () => Promise.resolve(),
    ...found,
  };
  const sweeper = new Sweeper(
    standIn<DispatcherConfig>({ SWEEP_INTERVAL_MS: 2_000 }),
    standIn<SweeperRepository>(rows),
    standIn<Incarnation>({ mayTakeOver: () => mayTakeOver }),
    new WorkProducer(queues.generation, queues.delivery, logger),
    queues.inbound,
    queues.generation,
    queues.delivery,
    queues.files,
    queues.outbound,
    clock,
    logger,
    redis,
  );
  return { sweeper, ...queues, clock, logger, redis };
}

describe('Sweeper', () => {
  it('P5 wakes nothing while Redis is away, and everything as soon as it is back', async () => {
    let looks = 0;
    const { sweeper, inbound, redis } = aSweeper({
      events: () => {
        looks += 1;
        return Promise.resolve([woken('event', 1)]);
      },
    });
    redis.status = 'reconnecting';

    await sweeper.sweep();
    expect(looks).toBe(0);
    redis.status = 'ready';
    await sweeper.sweep();

    expect(inbound.jobIds).toHaveLength(1);
  });

  it('gives every row that stood still a job under a new name', async () => {
    const { sweeper, inbound, generation, delivery, files, outbound } = aSweeper({
      events: () => Promise.resolve([woken('event', 1)]),
      files: () => Promise.resolve([woken('file', 4)]),
      turns: () => Promise.resolve([woken('turn', 2)]),
      deliveries: () => Promise.resolve([woken('delivery', 3)]),
      notices: () => Promise.resolve([woken('notice', 4)]),
    });

    await sweeper.sweep();

    expect(inbound.jobIds).toEqual([`${anId('event')}-1`]);
    expect(generation.jobIds).toEqual([`${anId('turn')}-2`]);
    expect(delivery.jobIds).toEqual([`${anId('delivery')}-3`]);
    expect(files.jobIds).toEqual([`${anId('file')}-4`]);
    expect(outbound.jobIds).toEqual([`${anId('notice')}-4`]);
  });

  it('P5 wakes all of a crowd in one sweep: a wiped Redis costs seconds', async () => {
    const crowd = Array.from({ length: BATCH * 2 + 3 }, (_, n) => woken(`event ${n}`));
    const { sweeper, inbound } = aSweeper({
      events: () => Promise.resolve(crowd.splice(0, BATCH)),
    });

    await sweeper.sweep();

    expect(inbound.jobIds).toHaveLength(BATCH * 2 + 3);
  });

  it('takes nothing over while its own lease is too young', async () => {
    const asked: boolean[] = [];
    const look = (takeOver: boolean): Promise<never[]> => {
      asked.push(takeOver);
      return none();
    };
    const { sweeper } = aSweeper(
      { turns: look, deliveries: look, files: look, notices: look },
      false,
    );

    await sweeper.sweep();

    expect(asked).toEqual([false, false, false, false]);
  });

  it('activates the turn of a stranded thread and says so loudly', async () => {
    const { sweeper, generation, delivery, logger } = aSweeper({
      strandedThreads: () =>
        Promise.resolve([{ tenantId: anId('tenant'), threadId: anId('thread') }]),
      activate: () =>
        Promise.resolve({
          turn: { id: anId('turn'), wake: 0 },
          delivery: { id: anId('delivery'), wake: 0 },
        }),
    });

    await sweeper.sweep();

    expect(generation.jobs).toMatchObject([{ turnId: anId('turn') }]);
    expect(delivery.jobs).toMatchObject([{ deliveryId: anId('delivery') }]);
    expect(logger.lines).toMatchObject([{ level: 'error', message: 'stranded thread found' }]);
  });

  it('late: goes on sweeping after a sweep that failed, and stops when told to', async () => {
    let sweeps = 0;
    const { sweeper, clock, logger } = aSweeper({
      events: () => {
        sweeps += 1;
        return sweeps === 1 ? Promise.reject(new Error('gone')) : none();
      },
    });

    sweeper.start();
    await clock.pass(6_000);
    await sweeper.stop();
    await clock.pass(6_000);

    expect(sweeps).toBe(3);
    expect(logger.messages).toEqual(['sweep failed']);
    expect(clock.sleepers.size).toBe(0);
  });
});
