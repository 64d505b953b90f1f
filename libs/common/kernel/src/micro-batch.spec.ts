import { MicroBatch } from './micro-batch';

function aBatcher(
  options: { width?: number; most?: number; bad?: number; isOfAll?: () => boolean } = {},
) {
  const runs: number[][] = [];
  const ends: (() => void)[] = [];
  const batch = new MicroBatch<number, string>(
    async (items) => {
      runs.push([...items]);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (items.includes(options.bad ?? NaN)) throw new Error('bad item');
      return items.map((item) => `done ${item}`);
    },
    {
      width: options.width ?? 1,
      most: options.most ?? 10,
      ...(options.isOfAll ? { isOfAll: options.isOfAll } : {}),
    },
  );
  const endAll = async (): Promise<void> => {
    for (let looks = 0; looks < 50; looks += 1) {
      ends.shift()?.();
      await Promise.resolve();
    }
  };
  return { batch, runs, endAll };
}

describe('MicroBatch', () => {
  it('runs the first at once and gathers the others while it is under way', async () => {
    const { batch, runs, endAll } = aBatcher();
    const results = [1, 2, 3].map((item) => batch.add(item));
    expect(runs).toEqual([[1]]);
    await endAll();
    expect(runs).toEqual([[1], [2, 3]]);
    expect(await Promise.all(results)).toEqual(['done 1', 'done 2', 'done 3']);
  });

  it('keeps to its width and to the size of a batch', async () => {
    const { batch, runs, endAll } = aBatcher({ width: 2, most: 2 });
    const results = Promise.all([1, 2, 3, 4, 5].map((item) => batch.add(item)));
    expect(runs).toEqual([[1], [2]]);
    await endAll();
    expect(runs).toEqual([[1], [2], [3, 4], [5]]);
    expect(await results).toHaveLength(5);
  });

  it('tells everybody at once of a failure that is nobody’s: none waits for the others to fail', async () => {
    const { batch, runs, endAll } = aBatcher({ bad: 3, isOfAll: () => true });
    const results = Promise.allSettled([1, 2, 3, 4].map((item) => batch.add(item)));
    await endAll();
    expect(runs).toEqual([[1], [2, 3, 4]]);
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      ...['rejected', 'rejected', 'rejected'],
    ]);
  });

  it('lets a bad item fail alone', async () => {
    const { batch, endAll } = aBatcher({ bad: 3 });
    const results = Promise.allSettled([1, 2, 3, 4].map((item) => batch.add(item)));
    await endAll();
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });
});
