// Memory and CPU of idle channels in one gateway, beside a bare `ws` client that sends the same pings.
import { fileURLToPath } from 'node:url';
import { FakePlatform } from './fake-platform.mjs';
import { MeasuredProcess } from './measured-process.mjs';
import { kb, mb, percent, sleep, until } from './numbers.mjs';
import { BenchStack } from './stack.mjs';
import { atMost, say } from './verdict.mjs';

const PING_MS = 10_000;
const STEPS = [500, 1_000, 2_000];
const TARGET = 1.25;

export async function benchIdle({ seconds = 30 }) {
  const bare = await measureBare(seconds);
  const ours = await measureGateway(seconds);
  console.log(
    '| connections | gateway rss | gateway used | bare rss | bare used |\n|---|---|---|---|---|',
  );
  STEPS.forEach((step, n) => {
    const [a, b] = [ours.steps[n], bare.steps[n]];
    console.log(`| ${step} | ${mb(a.rss)} | ${mb(a.used)} | ${mb(b.rss)} | ${mb(b.used)} |`);
  });
  const per = (steps, key) => (steps.at(-1)[key] - steps[0][key]) / (STEPS.at(-1) - STEPS[0]);
  const ratios = ['rss', 'used'].map((key) => {
    const [a, b] = [per(ours.steps, key), per(bare.steps, key)];
    console.log(
      `slope of ${key}: gateway ${kb(a)}, bare ${kb(b)} per connection, ratio ${(a / b).toFixed(2)}`,
    );
    return a / b;
  });
  console.log(
    `CPU at ${STEPS.at(-1)}: gateway ${percent(ours.cpu)}, bare ${percent(bare.cpu)} of a core`,
  );
  return [
    atMost('memory per idle channel beside a bare socket, rss', ratios[0], TARGET),
    atMost('memory per idle channel beside a bare socket, used', ratios[1], TARGET),
    atMost(
      `CPU of a gateway with ${STEPS.at(-1)} idle channels, of a core`,
      ours.cpu,
      0.05,
      percent,
    ),
  ];
}

async function measureGateway(seconds) {
  const stack = await BenchStack.start();
  const platform = await new FakePlatform().listen();
  await stack.addChannels(STEPS[0]);
  const gateway = stack.gateway(platform.url, { GATEWAY_PING_MS: String(PING_MS) });
  try {
    return await climb(gateway, platform, seconds, (count) => stack.addChannels(count));
  } finally {
    await gateway.stop();
    platform.close();
    await stack.stop();
  }
}

async function measureBare(seconds) {
  const platform = await new FakePlatform().listen();
  const script = fileURLToPath(new URL('./bare-client.mjs', import.meta.url));
  const client = new MeasuredProcess(script, { env: {}, args: [platform.url, String(PING_MS)] });
  try {
    await client.said();
    return await climb(client, platform, seconds, (count) => client.send({ hold: count }));
  } finally {
    await client.stop();
    platform.close();
  }
}

/** Memory at each step once it has settled, CPU at the last. */
async function climb(subject, platform, seconds, grow) {
  const steps = [];
  for (const count of STEPS) {
    say(`${count} connections`);
    await grow(count);
    await until(`${count} connections`, () => platform.size >= count);
    // Buffers of the handshakes go, and every connection has sent pings.
    await sleep(1.5 * PING_MS);
    steps.push(await leastOf(subject));
  }
  const before = await subject.usage();
  await sleep(seconds * 1_000);
  const after = await subject.usage();
  // The collections that the question itself causes are in there too.
  return { steps, cpu: (after.cpuMicros - before.cpuMicros) / (seconds * 1e6) };
}

async function leastOf(subject) {
  const looks = [];
  for (let n = 0; n < 5; n += 1) {
    looks.push(await subject.usage());
    await sleep(500);
  }
  const least = (key) => Math.min(...looks.map((look) => look[key]));
  return { rss: least('rss'), used: least('used') };
}
