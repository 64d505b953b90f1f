import { microIsoOf, ReceiveStamp } from './receive-stamp';

const now = Date.parse('2026-03-01T10:00:00.250Z');

describe('ReceiveStamp', () => {
  it('keeps thousands of frames of one millisecond apart and in order, as Postgres stores them', () => {
    const stamp = new ReceiveStamp();

    const stored = Array.from({ length: 5_000 }, () => microIsoOf(stamp.next(now)));

    expect(new Set(stored).size).toBe(stored.length);
    expect([...stored].sort()).toEqual(stored);
  });

  it('is the time itself when that is later than the last one', () => {
    const stamp = new ReceiveStamp();

    expect([stamp.next(now), stamp.next(now + 7)]).toEqual([now, now + 7]);
  });

  it('does not go back with the clock', () => {
    const stamp = new ReceiveStamp();
    const before = stamp.next(now);

    expect(stamp.next(now - 60_000)).toBeGreaterThan(before);
  });

  it('is written with microseconds', () => {
    expect(microIsoOf(now + 0.002)).toBe('2026-03-01T10:00:00.250002Z');
  });
});
