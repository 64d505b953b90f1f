// CPU per chunk of the generator process beside the bare SDK on the same streams, saturated and paced, and the time from a
// model's first token to the reply stream.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { GeneratorQueue } from './generator-queue.mjs';
import { stopLater } from './leave.mjs';
import { MeasuredProcess } from './measured-process.mjs';
import { ms, percentile } from './numbers.mjs';
import { BenchStack, root } from './stack.mjs';
import { atMost, say } from './verdict.mjs';

const STREAMS = 100;
const CHUNKS = 500;
const MODES = [
  { name: 'saturated', paceMs: 0, most: 1.5, rounds: 3 },
  { name: 'paced at 30 ms', paceMs: 30, most: 2, rounds: 1 },
];
const FIRST_TOKEN_P50_MS = 5;

export async function benchGenerator({ rounds } = {}) {
  const stack = await BenchStack.start();
  const queue = new GeneratorQueue(stack);
  try {
    await stack.addChannels(1);
    const results = [];
    for (const mode of MODES)
      results.push(await compare({ stack, queue }, { ...mode, rounds: rounds ?? mode.rounds }));
    return report(results);
  } finally {
    await queue.close();
    await stack.stop();
  }
}

async function compare({ stack, queue }, { name, paceMs, most, rounds }) {
  const model = fork(new URL('./model-server.mjs', import.meta.url), [CHUNKS, paceMs].map(String));
  stopLater(() => model.kill());
  const [listening] = await once(model, 'message');
  const baseURL = `http://127.0.0.1:${listening.port}/v1`;
  const agent = await queue.addAgent(baseURL);
  const bare = new MeasuredProcess(join(root, 'bench', 'bare-reader.mjs'), { env: {} });
  await bare.said();
  // A channel has a quarter of the slots.
  const generator = stack.service('generator', { GENERATOR_CONCURRENCY: String(STREAMS * 4) });
  const firsts = queue.listen(model);
  const [ours, theirs] = [[], []];
  const readBare = () =>
    costOf(bare, () => (bare.send({ baseURL, streams: STREAMS }), bare.said()));
  const answer = () => costOf(generator, () => queue.answerAll(agent, STREAMS));
  try {
    say(`${name}: both warm up`);
    await readBare();
    await answer();
    // In turns, so that a busy moment of the machine meets both.
    for (let round = 0; round < rounds; round += 1) {
      say(`${name}: round ${round + 1} of ${rounds}`);
      theirs.push(await readBare());
      ours.push(await answer());
    }
    firsts.length = 0;
    // One after the other: how soon words are passed on, not how a crowd begins.
    if (paceMs > 0) await queue.answerAll(agent, 40, 50);
    const delays = paceMs > 0 ? [...firsts] : [];
    return { name, most, delays, ours: percentile(ours, 0.5), theirs: percentile(theirs, 0.5) };
  } finally {
    await Promise.all([generator.stop(), bare.stop()]);
    model.kill();
  }
}

/** Microseconds of CPU per chunk. */
async function costOf(measured, work) {
  const before = await measured.cpuMicros();
  await work();
  const after = await measured.cpuMicros();
  return (after - before) / (STREAMS * CHUNKS);
}

function report(results) {
  console.log(
    `| ${STREAMS} streams of ${CHUNKS} chunks | bare SDK, µs of CPU per chunk | generator | ratio | target |`,
  );
  console.log('|---|---|---|---|---|');
  for (const { name, most, ours, theirs } of results)
    console.log(
      `| ${name} | ${theirs.toFixed(1)} | ${ours.toFixed(1)} | ${(ours / theirs).toFixed(2)} | ≤ ${most} |`,
    );
  const delays = results.flatMap((one) => one.delays);
  const [p50, p99] = [percentile(delays, 0.5), percentile(delays, 0.99)];
  console.log(
    `\nFirst token → reply stream, 20 answers begun a second (${delays.length}): p50 ${ms(p50)}, p99 ${ms(p99)}`,
  );
  return [
    ...results.map(({ name, most, ours, theirs }) =>
      atMost(`CPU per chunk beside the bare SDK, ${name}`, ours / theirs, most),
    ),
    atMost('first token → reply stream, p50', p50, FIRST_TOKEN_P50_MS, ms),
  ];
}
