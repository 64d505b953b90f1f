import {
  DingTalkRejectedError,
  DingTalkThrottledError,
  DingTalkUnavailableError,
} from '@common/dingtalk';
import { ManualClock, RecordingLogger, settled, standIn } from '@common/testing';

import { FakeLedger } from '../allowance/fake-ledger.fixture';
import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { aClaimedDelivery } from '../delivery/claimed-delivery.fixture';
import { failing, FakePlatform } from '../platform/fake-platform.fixture';
import { PlatformCalls } from '../platform/platform-calls.service';
import type { SenderConfig } from '../sender.config';
import { anOpenGate, FakeBudget } from '../throttling/fake-budget.fixture';
import type { ReactionRefusals } from './reaction-refusals.repository';
import { Reactions } from './reactions.service';

const api = { api: 'x' };

function aStage() {
  const clock = new ManualClock();
  const platform = new FakePlatform();
  const state = { hasBudget: true };
  const budget = new FakeBudget(async (_request, signal) => {
    while (!state.hasBudget && !signal.aborted) await clock.sleep(50, signal);
  });
  const ledger = new FakeLedger();
  const refused: string[] = [];
  const calls = new PlatformCalls(
    budget,
    anOpenGate(),
    ledger.ledger,
    standIn<SenderConfig>({ SENDER_CALL_TIMEOUT_MS: 4_000 }),
    clock,
    platform.client,
  );
  const reactions = new Reactions(
    platform.client,
    calls,
    standIn<ReactionRefusals>({
      remember: (_delivery, { code }) => Promise.resolve(void refused.push(code)),
    }),
    clock,
    new RecordingLogger(),
  );
  return { clock, platform, state, budget, ledger, refused, reactions };
}
const asked = (overrides: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  ...aClaimedDelivery(),
  reactTo: 'msg-1',
  ...overrides,
});

describe('Reactions', () => {
  it('marks the question until its answer is there, with the lowest place in the budget, and counts it', async () => {
    const { platform, reactions, budget, ledger } = aStage();
    const reaction = reactions.begin(asked());
    await settled();
    expect(platform.calls).toMatchObject([
      {
        name: 'react',
        body: { robotCode: 'robot-1', conversationId: 'cid-1', messageId: 'msg-1' },
      },
    ]);

    reaction.takeAway();
    await settled();
    expect(platform.names).toEqual(['react', 'unreact']);
    expect(budget.asked.map(({ purpose }) => purpose)).toEqual(['frame', 'frame']);
    expect(ledger.counted).toEqual(['apiCalls', 'apiCalls']);
  });

  it('C70 tries again after a first system.err: attaching as well as taking away', async () => {
    const { platform, reactions, clock, refused } = aStage();
    platform.fail = failing(['react'], () => new DingTalkUnavailableError(api), 1);
    const reaction = reactions.begin(asked());
    await clock.pass(399);
    expect(platform.names).toEqual(['react']);
    await clock.pass(1);
    expect(platform.names).toEqual(['react', 'react']);

    platform.fail = failing(['unreact'], () => new DingTalkUnavailableError(api), 2);
    reaction.takeAway();
    await clock.pass(6_500);
    expect(platform.names).toEqual(['react', 'react', 'unreact', 'unreact', 'unreact']);
    expect(refused).toEqual([]);
  });

  it('C70 gives up after three tries', async () => {
    const { platform, reactions, clock } = aStage();
    platform.fail = failing(['react'], () => new DingTalkUnavailableError(api));
    reactions.begin(asked());
    await clock.pass(60_000);
    expect(platform.names).toEqual(['react', 'react', 'react']);
    expect(clock.sleepers.size).toBe(0);
  });

  it('keeps in mind that the platform refuses it, and has nothing to take away then', async () => {
    const { platform, reactions, refused } = aStage();
    platform.fail = failing(['react'], () => new DingTalkRejectedError(api));
    const reaction = reactions.begin(asked({ attempt: 2 }));
    await settled();
    reaction.takeAway();
    await settled();
    expect(platform.names).toEqual(['react']);
    expect(refused).toEqual(['dingtalk_rejected']);
  });

  it('neither comes again nor is kept in mind as refused when calls are too fast', async () => {
    const { platform, reactions, clock, refused, budget } = aStage();
    platform.fail = failing(['react'], () => new DingTalkThrottledError(api, 1_500));
    reactions.begin(asked());
    await clock.pass(10_000);
    expect([platform.names, refused, budget.pauses]).toEqual([['react'], [], [1_500]]);
  });

  it('makes no call when the answer is there before the budget has one to spare', async () => {
    const { platform, reactions, clock, state } = aStage();
    state.hasBudget = false;
    const reaction = reactions.begin(asked());
    await clock.pass(500);
    reaction.takeAway();
    state.hasBudget = true;
    await clock.pass(10_000);
    expect(platform.calls).toEqual([]);
    expect(clock.sleepers.size).toBe(0);
  });

  it('takes away only after attaching has come to its end', async () => {
    const { platform, reactions, clock } = aStage();
    platform.fail = failing(['react'], () => new DingTalkUnavailableError(api), 1);
    const reaction = reactions.begin(asked());
    platform.onCall = ({ name }) =>
      name === 'react' && platform.calls.length === 1 && reaction.takeAway();
    await clock.pass(10_000);
    expect(platform.names).toEqual(['react', 'unreact']);
  });

  it.each([
    ['none is wanted', { reactTo: null }, []],
    ['its card is there already', { cardState: 'open' as const }, []],
    [
      'an earlier attempt may have left one',
      { cardState: 'open' as const, attempt: 2 },
      ['unreact'],
    ],
  ])('makes the calls %s needs', async (_when, overrides, names) => {
    const { platform, reactions } = aStage();
    const reaction = reactions.begin(asked(overrides));
    await settled();
    reaction.takeAway();
    await settled();
    expect(platform.names).toEqual(names);
  });

  it('is left out while the budget is tight', async () => {
    const { platform, reactions, budget } = aStage();
    budget.tight = true;
    reactions.begin(asked());
    await settled();
    expect(platform.calls).toEqual([]);
  });

  it('leaves it to whoever goes on with the delivery', async () => {
    const { platform, reactions } = aStage();
    const reaction = reactions.begin(asked());
    await settled();
    reaction.leave();
    await settled();
    expect(platform.names).toEqual(['react']);
  });

  it('stops within a second, whatever is under way', async () => {
    const { platform, reactions, clock } = aStage();
    platform.fail = failing(['unreact'], () => new DingTalkUnavailableError(api));
    const reaction = reactions.begin(asked());
    await settled();
    reaction.takeAway();
    const stopped = reactions.stop();
    await clock.pass(1_000);
    await stopped;
    expect(platform.names).toEqual(['react', 'unreact']);
    expect(clock.sleepers.size).toBe(0);
  });
});
