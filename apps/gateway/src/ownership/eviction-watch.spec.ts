import { EvictionWatch } from './eviction-watch';

const other = (token: number, grantedAtMs: number) => ({ token, grantedAtMs });

describe('EvictionWatch', () => {
  it('is sure the second time that ours ended when the other’s opened', () => {
    const watch = new EvictionWatch();

    watch.lost('c', 10_000);
    expect(watch.isEvicted('c', other(1, 10_150))).toBe(false);
    watch.lost('c', 14_000);

    expect(watch.isEvicted('c', other(2, 14_100))).toBe(true);
  });

  it('counts one opening of the other once', () => {
    const watch = new EvictionWatch();
    watch.lost('c', 10_000);
    watch.isEvicted('c', other(1, 10_150));

    watch.lost('c', 11_000);

    expect(watch.isEvicted('c', other(1, 10_150))).toBe(false);
  });

  it.each([
    ['the other has been there for long', 10_000, 5_000],
    ['the other opened much later', 10_000, 20_000],
  ])('blames nobody when %s', (_why, lostAtMs, grantedAtMs) => {
    const watch = new EvictionWatch();

    for (const token of [1, 2, 3]) {
      watch.lost('c', lostAtMs);
      expect(watch.isEvicted('c', other(token, grantedAtMs))).toBe(false);
    }
  });

  it('takes two far apart, or of two channels, for chance', () => {
    const watch = new EvictionWatch();
    watch.lost('c', 10_000);
    watch.isEvicted('c', other(1, 10_000));

    watch.lost('d', 11_000);
    expect(watch.isEvicted('d', other(2, 11_000))).toBe(false);
    watch.lost('c', 200_000);
    expect(watch.isEvicted('c', other(3, 200_000))).toBe(false);
  });

  it('begins anew when told to forget', () => {
    const watch = new EvictionWatch();
    watch.lost('c', 10_000);
    watch.isEvicted('c', other(1, 10_000));

    watch.forget('c');
    watch.lost('c', 12_000);

    expect(watch.isEvicted('c', other(2, 12_000))).toBe(false);
  });
});
