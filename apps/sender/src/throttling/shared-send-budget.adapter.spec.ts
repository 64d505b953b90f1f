import { ManualClock, standIn } from '@common/testing';

import type { RedisSlots } from './redis-slots.service';
import type { Bucket } from './send-budget.port';
import { SharedSendBudget } from './shared-send-budget.adapter';

const bucket: Bucket = {
  tenantId: 't',
  channelId: 'c',
  clientId: 'ding1',
  path: '/stream',
  callsPerSecond: 10,
};
const never = new AbortController().signal;
const grant = { takenAtUs: 1, dueAtMs: 500 };

function aBudget(waitMs: number) {
  const clock = new ManualClock(0);
  const slowed: number[] = [];
  const moved: number[] = [];
  const slots = standIn<RedisSlots>({
    take: () => Promise.resolve({ isGranted: true as const, waitMs, takenAtUs: 1 }),
    move: (_bucket, ms) => Promise.resolve(void moved.push(ms)),
    slowDown: (_bucket, _grant, ms) => Promise.resolve(void slowed.push(ms)),
  });
  return { budget: new SharedSendBudget(slots, clock), clock, slowed, moved };
}

describe('SharedSendBudget', () => {
  it('is tight for a while after a necessary call had to wait long, for that app alone', async () => {
    const { budget, clock } = aBudget(500);
    const turn = budget.turn({ bucket, purpose: 'final', flow: 'a' }, never);
    await clock.pass(500);
    expect(await turn).toEqual(grant);
    expect(budget.isTight('ding1')).toBe(true);
    expect(budget.isTight('ding2')).toBe(false);
    await clock.pass(5_000);
    expect(budget.isTight('ding1')).toBe(false);
  });

  it('is not tight because frames wait: that is what they are for', async () => {
    const { budget, clock } = aBudget(500);
    const turn = budget.turn({ bucket, purpose: 'frame', flow: 'a' }, never);
    await clock.pass(500);
    await turn;
    expect(budget.isTight('ding1')).toBe(false);
  });

  it('P7 moves the slots that are left when a call leaves late, once for all that are late by as much', async () => {
    const { budget, clock, moved } = aBudget(0);
    await clock.pass(509);
    budget.leaves(bucket, grant);
    expect(moved).toEqual([]);

    await clock.pass(71);
    budget.leaves(bucket, grant);
    budget.leaves(bucket, { ...grant, dueAtMs: 520 });
    expect(moved).toEqual([80]);
    budget.leaves({ ...bucket, path: '/create' }, grant);
    await clock.pass(60);
    budget.leaves(bucket, grant);
    expect(moved).toEqual([80, 80, 60]);

    await clock.pass(2_000);
    budget.leaves(bucket, grant);
    expect(moved.at(-1)).toBe(250);
    budget.leaves(bucket, { takenAtUs: 0, dueAtMs: 0 });
    expect(moved).toHaveLength(4);
  });

  it('is tight after a refusal, which all senders are told of', async () => {
    const { budget, slowed } = aBudget(0);
    await budget.tooFast(bucket, grant, 1_500);
    expect(slowed).toEqual([1_500]);
    expect(budget.isTight('ding1')).toBe(true);
  });
});
