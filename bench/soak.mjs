// Load with churn: messages all the time, connections cut all the time. Memory must stay flat, and nothing unacknowledged.
import { randomUUID } from 'node:crypto';
import { FakePlatform } from './fake-platform.mjs';
import { atRate, kb, mb, slope, until } from './numbers.mjs';
import { BenchStack } from './stack.mjs';
import { atMost, say } from './verdict.mjs';

const CHANNELS = 100;
const PER_SECOND = 100;
const SAMPLE_SECONDS = 10;
/** Growth of what is used after a collection, over the second half of the run. */
const TARGET_BYTES_PER_MINUTE = 512 * 1_024;

export async function benchSoak({ seconds = 600 }) {
  const stack = await BenchStack.start();
  const platform = await new FakePlatform().listen();
  await stack.addChannels(CHANNELS);
  const gateway = stack.gateway(platform.url);
  try {
    await until('connected', () => platform.size === CHANNELS);
    const samples = [];
    let [answered, lost] = [0, 0];
    for (let at = 0; at < seconds; at += SAMPLE_SECONDS) {
      if (at % 60 === 0) say(`${at} of ${seconds} s`);
      const acks = await atRate(PER_SECOND, SAMPLE_SECONDS, (n) => {
        // Ten connections a second break.
        if (n % 10 === 0) platform.cut(pick(stack.channels).clientId);
        return withDeadline(
          platform.ask(pick(stack.channels).clientId, randomUUID(), `staff-${n % 200}`),
        );
      });
      answered += acks.filter((ack) => typeof ack === 'number').length;
      // Sent into a connection that was cut: the platform would push it again.
      lost += acks.filter((ack) => ack === 'lost').length;
      samples.push({ at: at + SAMPLE_SECONDS, ...(await gateway.usage()) });
    }
    return report(samples, { answered, lost, opens: platform.opens });
  } finally {
    await gateway.stop();
    platform.close();
    await stack.stop();
  }
}

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const withDeadline = (ack) =>
  Promise.race([ack, new Promise((done) => setTimeout(() => done('lost'), 5_000).unref())]);

function report(samples, counts) {
  console.log('| after | rss | used after collection |\n|---|---|---|');
  const every = Math.max(1, Math.floor(samples.length / 10));
  samples.forEach(({ at, rss, used }, n) => {
    if ((n + 1) % every === 0) console.log(`| ${at} s | ${mb(rss)} | ${mb(used)} |`);
  });
  const settled = samples.slice(Math.floor(samples.length / 2));
  const growth = slope(settled.map(({ at, used }) => [at / 60, used]));
  console.log(`growth in the second half: ${kb(growth)} a minute; ${JSON.stringify(counts)}`);
  return [atMost('growth of memory a minute', growth, TARGET_BYTES_PER_MINUTE, kb)];
}
