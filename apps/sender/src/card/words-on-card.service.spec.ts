import { ManualClock, RecordingLogger } from '@common/testing';

import { aClaimedDelivery } from '../delivery/claimed-delivery.fixture';
import { Stage } from '../delivery/stage.fixture';

function words(pace: 'smooth' | 'balanced' = 'smooth') {
  const clock = new ManualClock();
  const stage = new Stage(clock, new RecordingLogger());
  const until = stage.wordsOnCard.until(stage.turn, aClaimedDelivery({ card: { pace } }), true);
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
