import { ManualClock } from '@common/testing';

import { whileAway } from './while-away';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

/** Fails with these, one after the other, and works then. */
function failing(...codes: string[]) {
  const left = [...codes];
  return () => {
    const code = left.shift();
    return code === undefined ? Promise.resolve('done') : Promise.reject(withCode(code));
  };
}

describe('a write whose loss would be dear', () => {
  it.each(['57P01', 'ECONNRESET', '40P01', '57014', '25006'])(
    'is repeated after %s, which says nothing about it',
    async (code) => {
      const clock = new ManualClock();
      const never = new AbortController().signal;
      const written = expect(whileAway(clock, never, failing(code, code))).resolves.toBe('done');
      for (let n = 0; n < 2; n += 1) await clock.pass(3_000);
      await written;
    },
  );

  it('is not repeated when it is to blame, or when nobody waits any more', async () => {
    const clock = new ManualClock();
    const never = new AbortController().signal;
    await expect(whileAway(clock, never, failing('23505'))).rejects.toThrow('23505');
    await expect(whileAway(clock, AbortSignal.abort(), failing('40P01'))).rejects.toThrow('40P01');
  });
});
