// What durability costs a single question: frame → card created and frame → last frame, beside the baseline, at a low and at a
// middling rate. Open loop: a question's time begins when it was due.
import { bursts, openLoop, poisson, seeded } from './arrivals.mjs';
import { Contest } from './contest.mjs';
import { contestOf, isUsual, nameOf, usualLoad } from './load.mjs';
import { ms, percentile, rangeOf } from './numbers.mjs';
import { atMost, noted, say } from './verdict.mjs';

const SHAPES = [
  { name: '5/s', perSecond: 5, samples: 1_000, most: { p50: 15 } },
  { name: '50/s', perSecond: 50, samples: 2_000, most: { p50: 12, p99: 40 } },
  { name: '50/s in bursts of 10', perSecond: 50, samples: 1_000, burst: 10 },
];

export async function benchLatency({ scale = 1, rounds = 4, load = usualLoad } = {}) {
  const contest = await Contest.open({ pace: 'balanced', ...contestOf(load) });
  try {
    const both = [contest.baseline, contest.carillon];
    say('both warm up');
    for (const who of both) await run(who, { perSecond: 50, samples: 500 * scale, seed: 1 });
    const rows = [];
    for (const [n, shape] of SHAPES.entries()) {
      const samples = Math.round((shape.samples * scale) / rounds);
      const [bare, ours] = [[], []];
      // In turns, so that a busy moment of the machine meets both.
      for (let round = 0; round < rounds; round += 1) {
        say(`${shape.name}, round ${round + 1} of ${rounds}: ${samples} questions to each`);
        const asked = { ...shape, samples, seed: n * 10 + round };
        bare.push(await run(contest.baseline, asked));
        ours.push(await run(contest.carillon, asked));
      }
      rows.push({ ...shape, bare, ours });
    }
    return report(rows, load);
  } finally {
    await contest.close();
  }
}

async function run(who, { perSecond, samples, burst, seed }) {
  const arrivals = burst
    ? bursts(perSecond, samples, burst)
    : poisson(perSecond, samples, seeded(seed));
  const answers = await openLoop(arrivals, (n, arrivedAt) => who.ask(n, { arrivedAt }));
  const found = answers.filter(({ isLost }) => !isLost);
  return { answers: found, lost: answers.length - found.length };
}

/** The p50 and p99 of one time of all answers. */
const timesOf = (answers, key) =>
  [0.5, 0.99].map((share) =>
    percentile(
      answers.map((one) => one[key]),
      share,
    ),
  );

const allOf = (runs) => runs.flatMap(({ answers }) => answers);
const lostOf = (runs) => runs.reduce((sum, { lost }) => sum + lost, 0);

/** What we add to the baseline's card, each round by itself. */
const addedIn = ({ bare, ours }, n) =>
  ours.map(
    (one, round) =>
      timesOf(one.answers, 'createdMs')[n] - timesOf(bare[round].answers, 'createdMs')[n],
  );

function report(rows, load) {
  console.log(`${nameOf(load)}; added: over all answers (in brackets from round to round)\n`);
  console.log(
    '| questions | baseline: card p50 / p99, final p50 / p99 | Carillon | added to the card p50 | p99 | without answer |\n|---|---|---|---|---|---|',
  );
  const verdicts = [];
  for (const row of rows) {
    const { name, bare, ours, most = {} } = row;
    const shown = (runs) =>
      [...timesOf(allOf(runs), 'createdMs'), ...timesOf(allOf(runs), 'finalMs')]
        .map(ms)
        .join(' / ');
    const [b, o] = [bare, ours].map((runs) => timesOf(allOf(runs), 'createdMs'));
    const added = { p50: o[0] - b[0], p99: o[1] - b[1] };
    const cell = (key, n) => `+${ms(added[key])} (${rangeOf(addedIn(row, n), ms)})`;
    console.log(
      `| ${name} (${allOf(ours).length}) | ${shown(bare)} | ${shown(ours)} | ${cell('p50', 0)} | ${cell('p99', 1)} | ${lostOf(bare)}, ${lostOf(ours)} |`,
    );
    const judged = isUsual(load) ? Object.entries(most) : [];
    for (const [key, limit] of judged)
      verdicts.push(atMost(`added to the card at ${name}, ${key}`, added[key], limit, ms));
    if (judged.length === 0)
      verdicts.push(noted(`added to the card at ${name}, p50, ${nameOf(load)}`, ms(added.p50)));
    verdicts.push(atMost(`questions without an answer at ${name}`, lostOf(ours), 0));
  }
  return verdicts;
}
