// How many answers a second, and what one costs: 20 chunks, pace `off`, the platform's limits off, beside the baseline.
import { closedLoop } from './arrivals.mjs';
import { Contest } from './contest.mjs';
import { Costs, totalMs } from './costs.mjs';
import { contestOf, isUsual, nameOf, usualLoad } from './load.mjs';
import { mb, ms, percentile, withRange } from './numbers.mjs';
import { beginList, statementCount } from './statements.mjs';
import { atLeast, atMost, noted, say } from './verdict.mjs';

const WIDTH = 150;
const TARGETS = { ratio: 0.35, cpuMs: 6, queries: 10 };

export async function benchSaturation({
  seconds = 8,
  rounds = 3,
  replicas = 1,
  load = usualLoad,
} = {}) {
  const contest = await Contest.open({ pace: 'off', replicas, ...contestOf(load) });
  try {
    const both = [contest.baseline, contest.carillon];
    say('both warm up, 10 s each');
    for (const who of both) await closedLoop(WIDTH, 10, (n) => who.ask(n));
    const runs = new Map(both.map((who) => [who, []]));
    for (let round = 0; round < rounds; round += 1)
      for (const who of both) {
        say(`round ${round + 1} of ${rounds}: ${who.name}, ${seconds} s`);
        runs.get(who).push(await measure(contest, who, seconds));
      }
    return report(load, runs.get(contest.baseline), runs.get(contest.carillon));
  } finally {
    await contest.close();
  }
}

async function measure({ stack }, who, seconds) {
  const [costs, calls] = [new Costs(who.members), who.platform.calls];
  const list = await beginList(stack);
  const before = await statementCount(stack);
  let lost = 0;
  const { ended, perSecond } = await closedLoop(WIDTH, seconds, async (n) => {
    if ((await who.ask(n)).isLost) lost += 1;
  });
  const queries = ((await statementCount(stack)) - before) / ended;
  const spent = costs.since();
  await list(ended);
  return {
    perSecond,
    lost,
    queries,
    calls: (who.platform.calls - calls) / ended,
    cpuMs: totalMs(spent) / ended,
    by: Object.entries(spent).map(([name, { cpuMs, rss }]) => ({ name, ms: cpuMs / ended, rss })),
  };
}

function report(load, bare, ours) {
  const median = (runs, key) =>
    percentile(
      runs.map((run) => run[key]),
      0.5,
    );
  const range = (runs, key, show) =>
    withRange(
      runs.map((run) => run[key]),
      show,
    );
  const rate = (value) => value.toFixed(0);
  console.log(`${nameOf(load)}; ${WIDTH} questions under way, pace off\n`);
  console.log(
    '| median (range) | answers/s | CPU per answer | platform calls per answer | statements per answer |\n|---|---|---|---|---|',
  );
  const row = (name, runs, queries) =>
    `| ${name} | ${range(runs, 'perSecond', rate)} | ${range(runs, 'cpuMs', ms)} | ${median(runs, 'calls').toFixed(1)} | ${queries} |`;
  console.log(row('baseline', bare, '–'));
  console.log(row('Carillon', ours, median(ours, 'queries').toFixed(1)));
  console.log('\n| member | CPU per answer | memory |\n|---|---|---|');
  for (const { name, ms: spent, rss } of ours.at(-1).by)
    console.log(`| ${name} | ${ms(spent)} | ${mb(rss)} |`);
  const ratio = median(ours, 'perSecond') / median(bare, 'perSecond');
  const [cpuMs, queries] = [median(ours, 'cpuMs'), median(ours, 'queries')];
  console.log(
    `\nratio ${ratio.toFixed(2)} (≥ ${TARGETS.ratio}), CPU ${ms(cpuMs)} (≤ ${TARGETS.cpuMs}), statements ${queries.toFixed(1)} (≤ ${TARGETS.queries})`,
  );
  const lost = ours.reduce((sum, run) => sum + run.lost, 0);
  const verdicts = [atMost('questions without an answer', lost, 0)];
  // What targets are set for.
  if (!isUsual(load))
    return [...verdicts, noted(`answers/s beside the baseline, ${nameOf(load)}`, ratio.toFixed(2))];
  return [
    ...verdicts,
    atLeast('answers/s, part of the baseline', ratio, TARGETS.ratio),
    atMost('CPU per answer, everything counted', cpuMs, TARGETS.cpuMs, ms),
    atMost('statements per answer', queries, TARGETS.queries),
  ];
}
