import { UsageTally } from './usage-tally';

const model = null;

describe('UsageTally', () => {
  it('adds up', () => {
    const tally = new UsageTally();
    tally.add({ inputTokens: 3, outputTokens: 2, cachedTokens: 1 }, model);
    tally.add({ inputTokens: 4, outputTokens: 1, cachedTokens: 0 }, model, true);

    expect(tally.total).toMatchObject({
      ...{ inputTokens: 7, outputTokens: 3, cachedTokens: 1, isEstimated: true },
    });
  });

  it('P10 counts in whole numbers whatever a provider writes: an answer is never lost over them', () => {
    const tally = new UsageTally();
    const strange = { inputTokens: '12', outputTokens: 2.6, cachedTokens: {} };
    tally.add(strange as never, model);
    tally.add({ inputTokens: -5, outputTokens: Number.NaN, cachedTokens: 1e300 }, model);

    expect(tally.total).toMatchObject({ inputTokens: 12, outputTokens: 3, cachedTokens: 0 });
  });
});
