// One, two and three replicas of each service: answers/s as replicas come, where waiting for the model is the limit (that is
// what replicas are for) and where the cores are; and whether each question has exactly one answer meanwhile.
import { availableParallelism } from 'node:os';
import { closedLoop } from './arrivals.mjs';
import { Contest } from './contest.mjs';
import { percentile, sleep, until, withRange } from './numbers.mjs';
import { atLeast, atMost, noted, say } from './verdict.mjs';

const REPLICAS = [1, 2, 3];
/** A part of all slots is left to other tenants and channels (ADR 11). */
const SLOTS = 8;
const MODES = [
  {
    name: 'the model takes 2.5 s',
    env: { GENERATOR_CONCURRENCY: String(SLOTS) },
    contest: { chunks: 10, paceMs: 250 },
    channels: 20,
    // More than three replicas have slots for; few answers a second, so that the cores are not the limit.
    width: 36,
    // Of one replica. Questions that wait and replicas that share what is left cost a little.
    least: { 2: 1.7, 3: 2.4 },
  },
  { name: 'the model answers at once', env: {}, contest: {}, channels: 20, width: 150, least: {} },
];
/** Channels move to the gateways that came. */
const SETTLE_MS = 8_000;
/** Every so many questions are pushed twice, as the platform does. */
const TWICE_EVERY = 7;

export async function benchScaleOut({ seconds = 15, rounds = 2 } = {}) {
  const verdicts = [];
  for (const mode of MODES) verdicts.push(...(await climb(mode, { seconds, rounds })));
  return verdicts;
}

async function climb({ name, env, contest: shape, channels, width, least }, { seconds, rounds }) {
  const contest = await Contest.open({ ...shape, channels, pace: 'off', env, baseline: false });
  const asker = new Asker(contest.carillon);
  const steps = [];
  try {
    for (const replicas of REPLICAS) {
      await grow(contest, replicas);
      say(`${name}, ${replicas} of each: warm up`);
      await closedLoop(width, 6, (n) => asker.ask(n));
      const perSecond = [];
      for (let round = 0; round < rounds; round += 1) {
        say(`${name}, ${replicas} of each: round ${round + 1} of ${rounds}, ${seconds} s`);
        perSecond.push((await closedLoop(width, seconds, (n) => asker.ask(n))).perSecond);
      }
      steps.push({ replicas, perSecond });
    }
    return report({ name, least, steps, found: await asker.found(contest.stack) });
  } finally {
    await contest.close();
  }
}

async function grow({ carillon, stack }, replicas) {
  carillon.fleet.scaleTo(replicas);
  const ready = async () => {
    const { rows } = await stack.sql.query(
      `SELECT service, count(*)::int AS n FROM incarnation WHERE stopped_at IS NULL GROUP BY 1`,
    );
    return rows.length >= 4 && rows.every(({ n }) => n >= replicas);
  };
  let isReady = false;
  const look = setInterval(async () => (isReady = isReady || (await ready())), 250);
  try {
    await until(`${replicas} of each service`, () => isReady);
  } finally {
    clearInterval(look);
  }
  if (replicas > 1) await sleep(SETTLE_MS);
}

class Asker {
  asked = 0;
  lost = 0;

  constructor(who) {
    this.who = who;
  }

  async ask(n) {
    this.asked += 1;
    const copies = this.asked % TWICE_EVERY === 0 ? 2 : 1;
    if ((await this.who.ask(n, { copies })).isLost) this.lost += 1;
  }

  /** What the platform and the database know of it. */
  async found({ sql }) {
    const { rows } = await sql.query(
      `SELECT count(*)::int AS turns, count(*) FILTER (WHERE outcome = 'answered')::int AS answered,
              (SELECT count(*)::int FROM delivery WHERE turn_id IS NOT NULL) AS deliveries FROM turn`,
    );
    const { asked, lost } = this;
    return { asked, lost, surplus: this.who.platform.surplus, ...rows[0] };
  }
}

function report({ name, least, steps, found }) {
  const rate = (value) => value.toFixed(1);
  const of = ({ perSecond }) => percentile(perSecond, 0.5);
  console.log(`\n${name} (${availableParallelism()} cores):\n`);
  console.log(
    '| replicas of each service | answers/s, median (range) | of one replica |\n|---|---|---|',
  );
  const verdicts = [];
  for (const step of steps) {
    const ratio = of(step) / of(steps[0]);
    console.log(
      `| ${step.replicas} | ${withRange(step.perSecond, rate)} | ${ratio.toFixed(2)} × |`,
    );
    if (step.replicas === 1) continue;
    const what = `${step.replicas} replicas of each, of one: ${name}`;
    if (least[step.replicas]) verdicts.push(atLeast(what, ratio, least[step.replicas]));
    else verdicts.push(noted(what, ratio.toFixed(2)));
  }
  const { asked, turns, answered, deliveries, lost, surplus } = found;
  console.log(
    `\n${asked} questions, every ${TWICE_EVERY}th pushed twice: ${turns} turns, ${answered} answered, ${deliveries} deliveries, ${surplus} answers too many`,
  );
  const wrong =
    lost +
    surplus +
    Math.abs(turns - asked) +
    Math.abs(answered - asked) +
    Math.abs(deliveries - asked);
  return [...verdicts, atMost(`questions without exactly one answer: ${name}`, wrong, 0)];
}
