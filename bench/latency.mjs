// What durability costs a single question: frame → card created and frame → last frame, beside the baseline, at a low and at a
// middling rate. Open loop: a question's time begins when it was due.
import { bursts, openLoop, poisson, seeded } from './arrivals.mjs';
import { Contest } from './contest.mjs';
import { ms, percentile } from './numbers.mjs';

const SHAPES = [
  { name: '5/s', perSecond: 5, samples: 1_000, most: { p50: 15 } },
  { name: '50/s', perSecond: 50, samples: 2_000, most: { p50: 12, p99: 40 } },
  { name: '50/s in bursts of 10', perSecond: 50, samples: 1_000, burst: 10 },
];

export async function benchLatency({ scale = 1 } = {}) {
  const contest = await Contest.open({ pace: 'balanced' });
  try {
    const both = [contest.baseline, contest.carillon];
    for (const who of both) await run(who, { perSecond: 50, samples: 500 * scale, seed: 1 });
    const rows = [];
    for (const [n, shape] of SHAPES.entries()) {
      const samples = Math.round(shape.samples * scale);
      const [bare, ours] = [[], []];
      // In turns, so that a busy moment of the machine meets both.
      for (let round = 0; round < 4; round += 1)
        for (const [who, into] of [
          [contest.baseline, bare],
          [contest.carillon, ours],
        ])
          into.push(...(await run(who, { ...shape, samples: samples / 4, seed: n * 10 + round })));
      rows.push({ ...shape, bare, ours });
    }
    return report(rows);
  } finally {
    await contest.close();
  }
}

function run(who, { perSecond, samples, burst, seed }) {
  const arrivals = burst
    ? bursts(perSecond, samples, burst)
    : poisson(perSecond, samples, seeded(seed));
  return openLoop(arrivals, (n, arrivedAt) => who.ask(n, { arrivedAt }));
}

function report(rows) {
  console.log(
    '| questions | baseline: card p50 / p99, final p50 / p99 | Carillon | added to the card | target |\n|---|---|---|---|---|',
  );
  let isGood = true;
  for (const { name, bare, ours, most = {} } of rows) {
    const of = (answers, key) =>
      [0.5, 0.99].map((share) =>
        percentile(
          answers.map((one) => one[key]),
          share,
        ),
      );
    const [b, o] = [of(bare, 'createdMs'), of(ours, 'createdMs')];
    const line = (answers) =>
      [...of(answers, 'createdMs'), ...of(answers, 'finalMs')].map(ms).join(' / ');
    const added = { p50: o[0] - b[0], p99: o[1] - b[1] };
    const target = Object.entries(most).map(([key, limit]) => `${key} ≤ +${limit} ms`);
    isGood &&= Object.entries(most).every(([key, limit]) => added[key] <= limit);
    console.log(
      `| ${name} (${ours.length}) | ${line(bare)} | ${line(ours)} | p50 +${ms(added.p50)}, p99 +${ms(added.p99)} | ${target.join(', ') || '–'} |`,
    );
  }
  return isGood;
}
