import { ManualClock, settled } from '@common/testing';

import { FollowedTurn } from './followed-turn';

const never = new AbortController().signal;
const end = { outcome: 'answered' as const, text: 'Noon.' };

function aTurn(attempt = 0) {
  const clock = new ManualClock();
  return { clock, turn: new FollowedTurn('turn', attempt, clock) };
}
const isDone = async (promise: Promise<void>): Promise<boolean> => {
  let done = false;
  void promise.then(() => (done = true));
  await settled();
  return done;
};

describe('FollowedTurn', () => {
  it('rings for first words, a newer attempt and the end', async () => {
    const { turn } = aTurn();
    for (const happen of [
      () => turn.hasWords(1),
      () => turn.hasWords(2),
      () => turn.hasEnded(end),
    ]) {
      const change = turn.change(60_000, never);
      expect(await isDone(change)).toBe(false);
      happen();
      expect(await isDone(change)).toBe(true);
    }
  });

  it('remembers what rang while nobody listened', async () => {
    const { turn } = aTurn();
    turn.hasWords(1);
    expect(await isDone(turn.change(60_000, never))).toBe(true);
    expect(await isDone(turn.change(60_000, never))).toBe(false);
  });

  it('late: does not go back to an older attempt, and does not ring for news it has', async () => {
    const { turn } = aTurn();
    turn.hasWords(2);
    await turn.change(0, never);
    turn.hasWords(1);
    turn.hasWords(2);
    expect(turn.attempt).toBe(2);
    expect(await isDone(turn.change(60_000, never))).toBe(false);
  });

  it('keeps the first end', () => {
    const { turn } = aTurn();
    turn.hasEnded(end);
    turn.hasEnded({ outcome: 'failed', text: 'other' });
    expect(turn.end).toEqual(end);
  });

  it('looks up after a time, and when it is told to stop', async () => {
    const { clock, turn } = aTurn();
    const change = turn.change(1_000, never);
    await clock.pass(1_000);
    expect(await isDone(change)).toBe(true);
    expect(await isDone(turn.change(60_000, AbortSignal.abort()))).toBe(true);
  });
});
