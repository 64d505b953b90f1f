import { backoffMs, describeEnd } from './supervised-app';

describe('the pause before a restart', () => {
  it('doubles with every short life up to a limit', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(backoffMs)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
    ]);
  });
});

describe('the way an app ended', () => {
  it('is its signal or its exit code', () => {
    expect(describeEnd({ code: null, signal: 'SIGKILL' })).toBe('SIGKILL');
    expect(describeEnd({ code: 1, signal: null })).toBe('exit code 1');
  });
});
