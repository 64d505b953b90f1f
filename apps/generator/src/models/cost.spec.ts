import { costOf } from './cost';

const usage = { inputTokens: 1_000, outputTokens: 500, cachedTokens: 400 };

describe('costOf', () => {
  it.each([
    [{}, 0],
    [{ inputPerMillion: 2, outputPerMillion: 8 }, 0.006],
    [{ inputPerMillion: 2, outputPerMillion: 8, cachedPerMillion: 0.5 }, 0.0054],
  ])('%j makes %d', (prices, cost) => expect(costOf(usage, prices)).toBeCloseTo(cost, 10));

  it('is never less than nothing, whatever the provider counts', () => {
    const odd = { inputTokens: 10, outputTokens: 0, cachedTokens: 50 };
    expect(costOf(odd, { inputPerMillion: 1, cachedPerMillion: 0 })).toBe(0);
  });
});
