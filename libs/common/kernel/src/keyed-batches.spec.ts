import { KeyedBatches } from './keyed-batches';

describe('KeyedBatches', () => {
  it('shares a batch among items of one key alone, and lets no key wait for another', async () => {
    const seen: string[] = [];
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const batches = new KeyedBatches<number, string>(
      async (key, items) => {
        seen.push(`${key}: ${items.join()}`);
        if (key === 'slow') await held;
        return items.map((item) => `${key}${item}`);
      },
      { width: 1, most: 10 },
    );

    const slow = [1, 2, 3].map((item) => batches.add('slow', item));
    expect(await batches.add('quick', 4)).toBe('quick4');
    letGo();

    expect(await Promise.all(slow)).toEqual(['slow1', 'slow2', 'slow3']);
    expect(seen).toEqual(['slow: 1', 'quick: 4', 'slow: 2,3']);
  });
});
