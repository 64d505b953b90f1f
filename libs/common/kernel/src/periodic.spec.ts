import { Clock } from './clock.port';
import { Periodic } from './periodic';

/** Sleeps not at all, and counts. */
class EagerClock extends Clock {
  slept = 0;

  now(): number {
    return 0;
  }

  sleep(): Promise<void> {
    this.slept += 1;
    return new Promise((resolve) => setImmediate(resolve));
  }
}

describe('Periodic', () => {
  it('goes on after a round that failed, and ends when stopped', async () => {
    const errors: unknown[] = [];
    let rounds = 0;
    const enough = new Promise<void>((resolve) => {
      const periodic = new Periodic(
        () => {
          rounds += 1;
          if (rounds === 3) resolve(periodic.stop());
          return rounds === 1 ? Promise.reject(new Error('first')) : Promise.resolve();
        },
        { everyMs: 1, clock: new EagerClock(), onError: (error) => errors.push(error) },
      );
      periodic.start();
    });

    await enough;

    expect(rounds).toBe(3);
    expect(errors).toEqual([new Error('first')]);
  });

  it('begins no round while one is under way, and waits for it at the end', async () => {
    let begun = 0;
    const clock = new EagerClock();
    const round = deferred();
    const periodic = new Periodic(
      () => {
        begun += 1;
        return round.promise;
      },
      { everyMs: 1, clock, onError: () => undefined },
    );

    periodic.start();
    while (begun === 0) await clock.sleep();
    await clock.sleep();
    let isStopped = false;
    const stopped = periodic.stop().then(() => (isStopped = true));
    await clock.sleep();

    expect([begun, isStopped]).toEqual([1, false]);
    round.resolve();
    expect(await stopped).toBe(true);
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
