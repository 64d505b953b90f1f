import { ManualClock } from '@common/testing';

import { Rounds } from './rounds';

function someRounds(work: () => Promise<void> = () => Promise.resolve()) {
  const clock = new ManualClock();
  const counted = { rounds: 0, errors: 0 };
  const rounds = new Rounds(
    () => {
      counted.rounds += 1;
      return work();
    },
    {
      clock,
      pauseMs: () => 1_000,
      gatherMs: 50,
      onError: () => (counted.errors += 1),
    },
  );
  return { clock, counted, rounds };
}

describe('Rounds', () => {
  it('begins at once and goes on after each pause', async () => {
    const { clock, counted, rounds } = someRounds();
    rounds.start();
    await clock.pass(0);
    expect(counted.rounds).toBe(1);

    await clock.pass(1_050);

    expect(counted.rounds).toBe(2);
    await rounds.stop();
  });

  it('gathers what is told at about the same time', async () => {
    const { clock, counted, rounds } = someRounds();
    rounds.start();
    await clock.pass(0);

    rounds.soon();
    rounds.soon();
    await clock.pass(49);
    rounds.soon();
    expect(counted.rounds).toBe(1);
    await clock.pass(1);

    expect(counted.rounds).toBe(2);
    await rounds.stop();
  });

  it('does one more round when told during one', async () => {
    let end: () => void = () => undefined;
    const { clock, counted, rounds } = someRounds(() => new Promise((resolve) => (end = resolve)));
    rounds.start();
    await clock.pass(0);

    rounds.soon();
    end();
    await clock.pass(50);

    expect(counted.rounds).toBe(2);
    end();
    await rounds.stop();
  });

  it('goes on after a failure, and does nothing any more once stopped', async () => {
    const { clock, counted, rounds } = someRounds(() => Promise.reject(new Error('gone')));
    rounds.start();
    await clock.pass(2_100);
    expect(counted).toEqual({ rounds: 3, errors: 3 });

    await rounds.stop();
    await clock.pass(5_000);

    expect(counted.rounds).toBe(3);
  });
});
