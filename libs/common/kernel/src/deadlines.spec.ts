import { ManualClock, settled } from '@common/testing';

import { Deadlines } from './deadlines';

function someWaits() {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock, 100);
  const expired: string[] = [];
  const begin = (name: string) => deadlines.begin(() => expired.push(name));
  return { clock, deadlines, expired, begin };
}

describe('Deadlines', () => {
  it('ends each wait when its own time is over, with one timer for all', async () => {
    const { clock, expired, begin } = someWaits();
    begin('a');
    await clock.pass(60);
    begin('b');
    expect(clock.sleepers.size).toBe(1);
    await clock.pass(39);
    expect(expired).toEqual([]);
    await clock.pass(1);
    expect(expired).toEqual(['a']);
    await clock.pass(60);
    expect(expired).toEqual(['a', 'b']);
    expect(clock.sleepers.size).toBe(0);
  });

  it('forgets what was ended before, and keeps no timer when nothing waits', async () => {
    const { clock, expired, begin } = someWaits();
    const [endA, endB] = [begin('a'), begin('b')];
    endA();
    expect(clock.sleepers.size).toBe(1);
    endB();
    expect(clock.sleepers.size).toBe(0);
    begin('c');
    await clock.pass(100);
    endA();
    expect(expired).toEqual(['c']);
  });

  it('ends a wait although the clock was put back', async () => {
    const { clock, expired, begin } = someWaits();
    clock.jump(-3_600_000);
    begin('a');
    clock.jump(-3_600_000);
    begin('b');
    clock.jump(3_600_100);
    await settled();
    expect(expired).toEqual(['a', 'b']);
  });

  it('gives what comes in time or its failure, and nothing when it takes longer', async () => {
    const { clock, deadlines } = someWaits();
    expect(await deadlines.within(Promise.resolve('in time'))).toBe('in time');
    await expect(deadlines.within(Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(clock.sleepers.size).toBe(0);
    let fail: (error: Error) => void = () => undefined;
    const late = deadlines.within(new Promise((_resolve, reject) => (fail = reject)));
    await clock.pass(100);
    expect(await late).toBeUndefined();
    fail(new Error('late'));
    await settled();
  });
});
