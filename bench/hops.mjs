// What a hop through our queues costs beside bare BullMQ with the same payloads: time from `add` to the worker at a low rate,
// CPU of the process and of Redis when as much goes through as can.
import { Costs, totalMs } from './costs.mjs';
import { MeasuredProcess } from './measured-process.mjs';
import { ms, percentile, withRange } from './numbers.mjs';
import { BenchStack } from './stack.mjs';
import { atMost, noted, say } from './verdict.mjs';

const RUNNER = new URL('./hop-runner.mjs', import.meta.url).pathname;
const PER_SECOND = 50;
const WIDTH = 100;
const MOST = 1.5;
const micros = (value) => `${value.toFixed(0)} µs`;

export async function benchHops({ seconds = 6, rounds = 3 } = {}) {
  const stack = await BenchStack.start();
  const runners = [];
  try {
    for (const kind of ['bare', 'ours']) {
      const runner = new MeasuredProcess(RUNNER, { args: [kind, stack.redis.url] });
      runners.push(runner);
      await runner.said();
    }
    say('both warm up');
    for (const runner of runners) await told(runner, { width: WIDTH, seconds: 3 });
    const runs = runners.map(() => []);
    for (let round = 0; round < rounds; round += 1)
      for (const [n, runner] of runners.entries()) {
        say(`round ${round + 1} of ${rounds}: ${n === 0 ? 'bare BullMQ' : 'our queues'}`);
        runs[n].push(await measure(stack, runner, { seconds, seed: round }));
      }
    return report(...runs);
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
    await stack.stop();
  }
}

function told(runner, work) {
  runner.send(work);
  return runner.said();
}

async function measure(stack, runner, { seconds, seed }) {
  const { hops } = await told(runner, { perSecond: PER_SECOND, seconds, seed });
  const costs = new Costs({ redis: stack.redis.pid });
  const busy = await told(runner, { width: WIDTH, seconds });
  return {
    p50: percentile(hops, 0.5),
    p99: percentile(hops, 0.99),
    perSecond: busy.hops / seconds,
    node: busy.cpuMicros / busy.hops,
    redis: (totalMs(costs.since()) * 1_000) / busy.hops,
  };
}

function report(bare, ours) {
  const show = (runs, key, how) =>
    withRange(
      runs.map((run) => run[key]),
      how,
    );
  const median = (runs, key) =>
    percentile(
      runs.map((run) => run[key]),
      0.5,
    );
  const ratio = (key) => median(ours, key) / median(bare, key);
  const cpu = (runs) => median(runs, 'node') + median(runs, 'redis');
  const rows = [
    [`add → worker at ${PER_SECOND * 3} hops/s, p50`, 'p50', ms],
    [`add → worker at ${PER_SECOND * 3} hops/s, p99`, 'p99', ms],
    ['CPU of the process per hop (add and work)', 'node', micros],
    ['CPU of Redis per hop', 'redis', micros],
    [`hops/s, ${WIDTH} questions under way`, 'perSecond', (value) => value.toFixed(0)],
  ];
  console.log('| median (range) | bare BullMQ | our queues | ratio |\n|---|---|---|---|');
  for (const [what, key, how] of rows)
    console.log(
      `| ${what} | ${show(bare, key, how)} | ${show(ours, key, how)} | ${ratio(key).toFixed(2)} |`,
    );
  return [
    atMost('CPU per queue hop beside bare BullMQ', cpu(ours) / cpu(bare), MOST),
    atMost('time per queue hop beside bare BullMQ, p50', ratio('p50'), MOST),
    noted('CPU per queue hop, Redis included', micros(cpu(ours))),
  ];
}
