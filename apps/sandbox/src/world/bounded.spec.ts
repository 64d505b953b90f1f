import { BoundedLog } from './bounded-log';
import { BoundedMap } from './bounded-map';
import { RateWindow } from './rate-window';

it('keeps the newest entries of a log', () => {
  const log = new BoundedLog<number>(10);
  for (let n = 0; n < 100; n += 1) log.add(n);

  expect(log.list()).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
});

it('forgets the oldest key of a map, and says so', () => {
  const forgotten: string[] = [];
  const map = new BoundedMap<string>(2, (value) => forgotten.push(value));
  for (const key of ['a', 'b', 'a', 'c']) map.set(key, key);

  expect(map.values()).toEqual(['b', 'c']);
  expect(forgotten).toEqual(['a']);
});

it('admits so many calls in a sliding second, and does not count refused ones', () => {
  const window = new RateWindow(1_000);
  const admitted = [0, 500, 600, 999, 1_001, 1_400, 1_501].map((at) => window.admit('key', 2, at));

  expect(admitted).toEqual([true, true, false, false, true, false, true]);
});
