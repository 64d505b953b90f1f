export const percentile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};

export const rangeOf = (values, show) =>
  `${show(Math.min(...values))} to ${show(Math.max(...values))}`;

/** `median (least to most)`. */
export const withRange = (values, show) =>
  `${show(percentile(values, 0.5))} (${rangeOf(values, show)})`;

export const ms = (value) => `${value.toFixed(2)} ms`;
export const mb = (bytes) => `${(bytes / 1_048_576).toFixed(1)} MB`;
export const percent = (share) => `${(share * 100).toFixed(2)} %`;
export const kb = (bytes) => `${(bytes / 1_024).toFixed(1)} kB`;

/** Change of y per unit of x, by least squares. */
export function slope(points) {
  const mean = (pick) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
  const over = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return over / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

export const sleep = (forMs) => new Promise((done) => setTimeout(done, forMs));

export async function until(what, isTrue, withinMs = 120_000) {
  const endAt = Date.now() + withinMs;
  while (!isTrue()) {
    if (Date.now() > endAt) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(50);
  }
}

/** Calls `send` so many times a second, evenly, and waits for all of it. */
export async function atRate(perSecond, seconds, send) {
  const total = perSecond * seconds;
  const startAt = performance.now();
  const under = [];
  for (let n = 0; n < total;) {
    const due = Math.min(total, Math.ceil(((performance.now() - startAt) * perSecond) / 1_000));
    for (; n < due; n += 1) under.push(send(n));
    await sleep(1);
  }
  return Promise.all(under);
}
