// Frames a second that are acknowledged as durable, beside a bare `pg` batch insert plus BullMQ add of the same rows.
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { closedLoop } from './arrivals.mjs';
import { FakePlatform, messageOf } from './fake-platform.mjs';
import { percentile, until, withRange } from './numbers.mjs';
import { BenchStack } from './stack.mjs';
import { atLeast, noted, say } from './verdict.mjs';

const CHANNELS = 10;
/** Frames under way at a time: below what a gateway takes before it stops acknowledging. */
const WIDTH = 400;
const BATCH = 100;
const TARGET = 0.5;

export async function benchIngest({ seconds = 6, rounds = 3 } = {}) {
  const stack = await BenchStack.start();
  const platform = await new FakePlatform().listen();
  await stack.addChannels(CHANNELS);
  const gateway = stack.gateway(platform.url);
  const { hostname, port, password } = new URL(stack.redis.url);
  const connection = { host: hostname, port: Number(port), password };
  const queue = new Queue('bare', { connection, streams: { events: { maxLen: 50 } } });
  try {
    await until('connected', () => platform.size === CHANNELS);
    const ask = (n) =>
      platform.ask(stack.channels[n % CHANNELS].clientId, randomUUID(), `staff-${n}`);
    const bare = (n) => bareBatch(stack, queue, n);
    await closedLoop(WIDTH, 3, ask);
    const [ours, theirs] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}: bare inserts, then frames`);
      // As a gateway does: at most two batches under way.
      theirs.push((await closedLoop(2, seconds, bare)).perSecond * BATCH);
      ours.push((await closedLoop(WIDTH, seconds, ask)).perSecond);
    }
    return report(ours, theirs);
  } finally {
    await queue.close();
    await gateway.stop();
    platform.close();
    await stack.stop();
  }
}

async function bareBatch(stack, queue, n) {
  const { id, clientId } = stack.channels[n % CHANNELS];
  const ids = Array.from({ length: BATCH }, () => randomUUID());
  const raws = ids.map((eventId) => messageOf(clientId, eventId, `staff-${n}`));
  await stack.sql.query({
    name: 'bare batch',
    text: `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, thread_id, platform_message_id, received_at, raw, content, state)
           SELECT e, $1, $2, 'message', e, e::text, now(), convert_to(r, 'UTF8'), r::jsonb, 'processed'
           FROM unnest($3::uuid[], $4::text[]) AS t (e, r) ON CONFLICT (id) DO NOTHING`,
    values: [stack.tenantId, id, ids, raws],
  });
  await queue.addBulk(
    ids.map((eventId) => ({
      name: 'bare',
      data: { eventId },
      opts: { jobId: `${eventId}-0`, removeOnComplete: true },
    })),
  );
}

function report(ours, theirs) {
  const show = (perSecond) => perSecond.toFixed(0);
  const [bare, frames] = [theirs, ours].map((runs) => percentile(runs, 0.5));
  console.log('| | rows/s, median (range) |\n|---|---|');
  console.log(`| bare insert of ${BATCH} + addBulk | ${withRange(theirs, show)} |`);
  console.log(`| frames acknowledged by one gateway | ${withRange(ours, show)} |`);
  console.log(`\nratio ${(frames / bare).toFixed(2)} (≥ ${TARGET}); aim: 4,000 frames/s`);
  return [
    atLeast('durable frames, part of a bare batch insert + add', frames / bare, TARGET),
    noted('frames/s of one gateway (aim: 4,000)', show(frames)),
  ];
}
