// Frame → durable acknowledgement, beside a bare `pg` insert plus BullMQ add in the same run.
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { FakePlatform, messageOf } from './fake-platform.mjs';
import { atRate, ms, percentile, until } from './numbers.mjs';
import { BenchStack } from './stack.mjs';
import { atMost, noted, say } from './verdict.mjs';

const CHANNELS = 10;
const SENDERS = 500;
const TARGETS = { p50: 3, p99: 5 };
const HIGH_RATE_P99_MS = 25;

export async function benchAck({ seconds = 15, rounds = 3, high = 1_500 }) {
  const stack = await BenchStack.start();
  const platform = await new FakePlatform().listen();
  await stack.addChannels(CHANNELS);
  const gateway = stack.gateway(platform.url);
  try {
    await until('connected', () => platform.size === CHANNELS);
    const bare = await bareWrites(stack);
    const ask = asker(platform, stack.channels);
    await atRate(100, 5, ask);
    await atRate(100, 5, bare.write);
    const [ours, theirs] = [[], []];
    // In turns, so that a busy moment of the machine meets both.
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}: bare writes, then frames, 100/s`);
      theirs.push(...(await atRate(100, seconds, bare.write)));
      ours.push(...(await atRate(100, seconds, ask)));
    }
    const before = await gateway.usage();
    const fast = await atRate(high, Math.min(10, seconds), ask);
    const after = await gateway.usage();
    const cpuMs = (after.cpuMicros - before.cpuMicros) / 1_000 / fast.length;
    await bare.close();
    return report({ ours, theirs, fast, high, cpuMs });
  } finally {
    await gateway.stop();
    platform.close();
    await stack.stop();
  }
}

function asker(platform, channels) {
  const run = randomUUID().slice(0, 8);
  return async (n) => {
    const { clientId } = channels[n % channels.length];
    return platform.ask(clientId, `${run}-${randomUUID()}`, `staff-${n % SENDERS}`);
  };
}

/** One row as it comes, then one job, as a bot without micro-batches would. */
async function bareWrites(stack) {
  const url = new URL(stack.redis.url);
  const connection = { host: url.hostname, port: Number(url.port), password: url.password };
  const queue = new Queue('bare', { connection, streams: { events: { maxLen: 50 } } });
  await queue.waitUntilReady();
  const write = async (n) => {
    const startedAt = performance.now();
    const { id, clientId } = stack.channels[n % stack.channels.length];
    const eventId = randomUUID();
    const raw = messageOf(clientId, eventId, `staff-${n % SENDERS}`);
    await stack.sql.query({
      name: 'bare',
      text: `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, thread_id, platform_message_id, received_at, raw, content, state)
             VALUES ($1, $2, $3, 'message', $1, $6, now(), $4, $5, 'processed') ON CONFLICT (id) DO NOTHING`,
      values: [eventId, stack.tenantId, id, Buffer.from(raw), raw, `bare-${eventId}`],
    });
    await queue.add('bare', { eventId }, { jobId: `${eventId}-0`, removeOnComplete: true });
    return performance.now() - startedAt;
  };
  return { write, close: () => queue.close() };
}

function report({ ours, theirs, fast, high, cpuMs }) {
  const of = (values) => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99) });
  const [us, bare, quick] = [of(ours), of(theirs), of(fast)];
  const ratio = { p50: us.p50 / bare.p50, p99: us.p99 / bare.p99 };
  console.log('| at | p50 | p99 | messages |\n|---|---|---|---|');
  console.log(
    `| bare insert + add, 100/s | ${ms(bare.p50)} | ${ms(bare.p99)} | ${theirs.length} |`,
  );
  console.log(`| frame → ack, 100/s | ${ms(us.p50)} | ${ms(us.p99)} | ${ours.length} |`);
  console.log(`| frame → ack, ${high}/s | ${ms(quick.p50)} | ${ms(quick.p99)} | ${fast.length} |`);
  console.log(
    `ratio p50 ${ratio.p50.toFixed(2)} (≤ ${TARGETS.p50}), p99 ${ratio.p99.toFixed(2)} (≤ ${TARGETS.p99})`,
  );
  console.log(`CPU of the gateway per message at ${high}/s: ${ms(cpuMs)}`);
  return [
    atMost('frame → ack beside a bare insert + add, p50', ratio.p50, TARGETS.p50),
    atMost('frame → ack beside a bare insert + add, p99', ratio.p99, TARGETS.p99),
    atMost(`frame → ack at ${high}/s, p99`, quick.p99, HIGH_RATE_P99_MS, ms),
    noted(`CPU of the gateway per message at ${high}/s`, ms(cpuMs)),
  ];
}
