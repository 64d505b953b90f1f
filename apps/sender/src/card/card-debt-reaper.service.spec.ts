import { ManualClock, RecordingLogger, standIn } from '@common/testing';

import { aClaimedDelivery } from '../delivery/claimed-delivery.fixture';
import { CardDebtReaper } from './card-debt-reaper.service';
import type { CardDebtRepository } from './card-debt.repository';
import type { CardShow } from './card-show.service';

it('P4 closes cards that are owed, keeps those that could not be closed, and goes on after a failure', async () => {
  const paid: string[] = [];
  const looks = [
    () => Promise.reject(new Error('gone')),
    () =>
      Promise.resolve([
        { ...aClaimedDelivery({ id: 'good' }), tries: 1 },
        { ...aClaimedDelivery({ id: 'absent, first try' }), tries: 1 },
        { ...aClaimedDelivery({ id: 'absent, second try' }), tries: 2 },
      ]),
  ];
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const reaper = new CardDebtReaper(
    standIn<CardDebtRepository>({
      take: () => looks.shift()?.() ?? Promise.resolve([]),
      paid: ({ id }) => Promise.resolve(void paid.push(id)),
    }),
    standIn<CardShow>({
      payDebt: ({ id }, { mayBeAbsent = false } = {}) =>
        Promise.resolve(id === 'good' || mayBeAbsent),
    }),
    clock,
    logger,
  );

  reaper.start();
  await clock.pass(15_000);
  await reaper.stop();

  expect(paid).toEqual(['good', 'absent, second try']);
  expect(logger.messages).toEqual(['card debts not looked at']);
  expect(clock.sleepers.size).toBe(0);
});
