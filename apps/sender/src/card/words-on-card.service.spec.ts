import { ManualClock, RecordingLogger } from '@common/testing';

import { aClaimedDelivery } from '../delivery/claimed-delivery.fixture';
import { Stage } from '../delivery/stage.fixture';

function words(pace: 'smooth' | 'balanced' | 'off' = 'smooth', hasCard = true) {
  const clock = new ManualClock();
  const stage = new Stage(clock, new RecordingLogger());
  const until = stage.wordsOnCard.until(stage.turn, aClaimedDelivery({ card: { pace } }), hasCard);
  const frames = () => stage.platform.calls.map(({ text }) => text);
  const finish = async () => {
    stage.turn.hasEnded({ outcome: 'answered', text: 'end' });
    await clock.pass(1);
    return until;
  };
  return { stage, clock, frames, finish };
}

describe('WordsOnCard', () => {
  it('shows the first words at once', async () => {
    const { stage, clock, frames, finish } = words();
    await clock.pass(3_000);
    stage.say('Once');
    await clock.pass(0);
    expect(frames()).toEqual(['Once']);
    await finish();
  });

  it('shows the whole text so far, not the delta, and nothing twice', async () => {
    const { stage, clock, frames, finish } = words();
    stage.say('Once');
    await clock.pass(900);
    stage.say(' upon');
    await clock.pass(5_000);
    expect(frames()).toEqual(['Once', 'Once upon']);
    await finish();
  });

  it('P7 coalesces what was said while the budget had no room', async () => {
    const { stage, clock, frames, finish } = words();
    stage.hasBudget = false;
    stage.say('Once');
    await clock.pass(2_000);
    stage.say(' upon a time');
    await clock.pass(2_000);
    stage.hasBudget = true;
    await clock.pass(200);
    expect(frames()).toEqual(['Once upon a time']);
    await finish();
  });

  it('keeps what it shows after a restarted attempt until the new text is longer', async () => {
    const { stage, clock, frames, finish } = words();
    stage.say('Once upon a time');
    await clock.pass(1_000);
    stage.say('There', 2);
    await clock.pass(2_000);
    expect(frames()).toEqual(['Once upon a time']);
    stage.say(' was a princess in a tower', 2);
    await clock.pass(2_000);
    expect(frames()).toEqual(['Once upon a time', 'There was a princess in a tower']);
    await finish();
  });

  describe('while the agent asks its person', () => {
    const question = { n: 1, text: 'Order?', ask: { kind: 'confirm' as const } };

    it('shows the question below the words, and no note in its place', async () => {
      const { stage, clock, frames, finish } = words();
      stage.say('Let me see.');
      await clock.pass(900);
      stage.turn.asks(question);
      await clock.pass(5_000);
      expect(frames()).toEqual(['Let me see.', 'Let me see.\n\nOrder?']);
      expect(stage.texts).toEqual([]);
      await finish();
    });

    it('shows what comes after the answer in place of the question', async () => {
      const { stage, clock, frames, finish } = words();
      stage.turn.asks(question);
      await clock.pass(900);
      stage.turn.asks(null);
      stage.say('Done', 2);
      await clock.pass(2_000);
      expect(frames()).toEqual(['Order?', 'Done']);
      await finish();
    });

    it.each([
      ['there is no card', false, 'smooth'],
      ['its card has no frames', true, 'off'],
    ] as const)('says it in a message when %s, once', async (_why, hasCard, pace) => {
      const { stage, clock, frames, finish } = words(pace, hasCard);
      stage.turn.asks(question);
      await clock.pass(5_000);
      expect([frames(), stage.texts]).toEqual([[], ['Order?']]);
      await finish();
    });

    it('says a long one in a message: a card would cut it off', async () => {
      const { stage, clock, finish } = words();
      stage.turn.asks({ ...question, text: 'x'.repeat(4_000) });
      await clock.pass(1_000);
      expect(stage.texts).toHaveLength(1);
      await finish();
    });
  });

  it('P5 waits for the end while Redis is away', async () => {
    const { stage, clock, frames, finish } = words();
    stage.isRedisAway = true;
    stage.say('Once');
    await clock.pass(5_000);
    expect(frames()).toEqual([]);
    expect(await finish()).toMatchObject({ card: true, end: { text: 'end' } });
  });

  it('ends at once with the turn, and leaves no timer', async () => {
    const { clock, finish } = words();
    await clock.pass(10);
    expect(await finish()).toMatchObject({ end: { text: 'end' } });
    expect(clock.sleepers.size).toBe(0);
  });
});
