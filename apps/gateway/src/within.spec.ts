import { ManualClock, settled } from '@common/testing';

import { within } from './within';

describe('within', () => {
  it('gives what comes in time, or its failure, and leaves no timer behind', async () => {
    const clock = new ManualClock();

    expect(await within(clock, 100, Promise.resolve('in time'))).toBe('in time');
    await expect(within(clock, 100, Promise.reject(new Error('no')))).rejects.toThrow('no');

    expect(clock.sleepers.size).toBe(0);
  });

  it('gives nothing when it takes longer; what fails later is nobody’s business', async () => {
    const clock = new ManualClock();
    let fail: (error: Error) => void = () => undefined;
    const waiting = within(clock, 100, new Promise((_resolve, reject) => (fail = reject)));

    clock.jump(100);
    expect(await waiting).toBeUndefined();

    fail(new Error('late'));
    await settled();
  });
});
