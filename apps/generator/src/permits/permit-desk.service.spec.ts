import { generationQueue } from '@common/contracts';
import {
  anId,
  ManualClock,
  RecordingLogger,
  RecordingProducer,
  settled,
  standIn,
} from '@common/testing';

import type { GeneratorConfig } from '../generator.config';
import { PermitDesk } from './permit-desk.service';
import type { PermitRepository, WaitingPools, WokenTurn } from './permit.repository';

const tenantId = anId('tenant');
const woken = (word: string): WokenTurn => ({ id: anId(word), tenantId, wake: 3 });

function aDesk(rows: Partial<PermitRepository> = {}) {
  const granted: (readonly string[])[] = [];
  const offered: number[] = [];
  const generation = new RecordingProducer(generationQueue);
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const desk = new PermitDesk(
    standIn<GeneratorConfig>({ GENERATOR_CONCURRENCY: 8 }),
    standIn<PermitRepository>({
      offerSlots: (slots) => {
        offered.push(slots);
        return Promise.resolve(true);
      },
      waiting: (): Promise<WaitingPools[]> => Promise.resolve([]),
      dismiss: (): Promise<WokenTurn[]> => Promise.resolve([]),
      letGo: (): Promise<WokenTurn[]> => Promise.resolve([]),
      grant: (_tenant, pools) => {
        granted.push(pools);
        return Promise.resolve([woken('oldest')]);
      },
      ...rows,
    }),
    generation,
    clock,
    logger,
  );
  return { desk, granted, offered, generation, clock, logger };
}

describe('PermitDesk', () => {
  it('gives a freed permit to the oldest who waits for it, with a job under its new name', async () => {
    const { desk, granted, generation } = aDesk();

    desk.freed(tenantId, ['model:1']);
    await settled();

    expect(granted).toEqual([['model:1']]);
    expect(generation.jobIds).toEqual([`${anId('oldest')}-3`]);
  });

  it('asks nobody when nobody waits', async () => {
    const { desk, granted } = aDesk();

    desk.freed(tenantId, []);
    await desk.look();

    expect(granted).toEqual([]);
  });

  it('looks by itself every second, so that a dead process keeps no permit', async () => {
    const { desk, offered, granted, clock } = aDesk({
      waiting: () => Promise.resolve([{ tenantId, pools: ['channel:1'] }]),
    });

    await desk.start();
    await clock.pass(2_000);
    await desk.stop();

    expect(offered).toEqual([8]);
    expect(granted).toEqual([['channel:1'], ['channel:1']]);
  });

  it('offers its slots until Postgres has them: a flap at the start costs no process', async () => {
    const tries = [
      (): Promise<boolean> => Promise.reject(new Error('gone')),
      () => Promise.resolve(false),
    ];
    const offered: number[] = [];
    const { desk, clock } = aDesk({
      offerSlots: (slots) => {
        const refuse = tries.shift();
        if (refuse) return refuse();
        offered.push(slots);
        return Promise.resolve(true);
      },
    });

    await desk.start();
    await clock.pass(5_000);
    await desk.stop();

    expect(offered).toEqual([8]);
  });

  it('wakes those who were cancelled while they waited', async () => {
    const { desk, generation } = aDesk({
      waiting: () => Promise.resolve([{ tenantId, pools: [] }]),
      dismiss: () => Promise.resolve([woken('cancelled')]),
      grant: () => Promise.resolve([]),
    });

    await desk.look();

    expect(generation.jobIds).toEqual([`${anId('cancelled')}-3`]);
  });

  it('wakes turns whose person never answered', async () => {
    const { desk, generation } = aDesk({ letGo: () => Promise.resolve([woken('late')]) });
    await desk.look();
    expect(generation.jobIds).toEqual([`${anId('late')}-3`]);
  });

  it('late: survives a grant that fails; the next look makes it', async () => {
    const { desk, logger } = aDesk({ grant: () => Promise.reject(new Error('gone')) });

    desk.freed(tenantId, ['model:1']);
    await settled();

    expect(logger.messages).toEqual(['freed permit left to the next look']);
  });
});
