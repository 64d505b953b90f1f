// Open-loop arrivals: when a question is due does not depend on when others were answered, and its latency counts from then.

/** A seeded source of numbers in [0, 1), so that two runs meet the same arrivals. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Milliseconds from the beginning at which `count` questions are due, as a Poisson process of so many a second. */
export function poisson(perSecond, count, random) {
  let at = 0;
  return Array.from({ length: count }, () => (at += (-Math.log(1 - random()) / perSecond) * 1_000));
}

/** All of `size` at once, again and again, so that the rate is the same. */
export const bursts = (perSecond, count, size) =>
  Array.from({ length: count }, (_, n) => (Math.floor(n / size) * size * 1_000) / perSecond);

/** Calls `send(n, dueAt)` when it is due and waits for all of it. */
export async function openLoop(arrivals, send) {
  const startAt = performance.now();
  const under = [];
  for (const [n, at] of arrivals.entries()) {
    const dueAt = startAt + at;
    const early = dueAt - performance.now();
    if (early > 1) await new Promise((done) => setTimeout(done, early - 0.5));
    under.push(send(n, dueAt));
  }
  return Promise.all(under);
}

/** `width` at a time, one after the other, for so long; resolves with how many ended and in which time. */
export async function closedLoop(width, seconds, send) {
  const startAt = performance.now();
  const endAt = startAt + seconds * 1_000;
  let ended = 0;
  const lane = async (n) => {
    while (performance.now() < endAt) {
      await send(n);
      ended += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, (_, n) => lane(n)));
  return { ended, perSecond: (ended * 1_000) / (performance.now() - startAt) };
}
