// How many answers a second, and what one costs: 20 chunks, pace `off`, the platform's limits off, beside the baseline.
import pg from 'pg';
import { closedLoop } from './arrivals.mjs';
import { Contest } from './contest.mjs';
import { Costs, totalMs } from './costs.mjs';
import { mb, ms, percentile } from './numbers.mjs';

const WIDTH = 150;
const TARGETS = { ratio: 0.35, cpuMs: 6, queries: 10 };

export async function benchSaturation({ seconds = 8, rounds = 3, replicas = {} } = {}) {
  const contest = await Contest.open({ pace: 'off', replicas });
  try {
    const both = [contest.baseline, contest.carillon];
    for (const who of both) await closedLoop(WIDTH, 10, (n) => who.ask(n));
    const runs = new Map(both.map((who) => [who, []]));
    for (let round = 0; round < rounds; round += 1)
      for (const who of both) runs.get(who).push(await measure(contest, who, seconds));
    return report(runs.get(contest.baseline), runs.get(contest.carillon));
  } finally {
    await contest.close();
  }
}

async function measure({ stack }, who, seconds) {
  const [costs, calls] = [new Costs(who.members), who.platform.calls];
  const before = await statements(stack);
  const { ended, perSecond } = await closedLoop(WIDTH, seconds, (n) => who.ask(n));
  const queries = ((await statements(stack)) - before) / ended;
  const spent = costs.since();
  return {
    perSecond,
    queries,
    calls: (who.platform.calls - calls) / ended,
    cpuMs: totalMs(spent) / ended,
    by: Object.entries(spent).map(([name, { cpuMs, rss }]) => ({ name, ms: cpuMs / ended, rss })),
  };
}

/** Statements that Postgres has run, by its own count; those inside functions are not counted. */
async function statements({ postgres }) {
  const url = new URL(postgres.superuserUrl);
  url.pathname = '/carillon';
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    const { rows } = await client.query(
      'SELECT sum(calls)::float8 AS n FROM pg_stat_statements WHERE toplevel',
    );
    return rows[0].n;
  } finally {
    await client.end();
  }
}

function report(bare, ours) {
  const median = (runs, key) =>
    percentile(
      runs.map((run) => run[key]),
      0.5,
    );
  const range = (runs, key, show) => {
    const values = runs.map((run) => run[key]);
    return `${show(median(runs, key))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`;
  };
  const rate = (value) => value.toFixed(0);
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
  return ratio >= TARGETS.ratio && cpuMs <= TARGETS.cpuMs && queries <= TARGETS.queries;
}
