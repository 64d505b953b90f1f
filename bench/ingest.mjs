// Frames a second that are acknowledged as durable, beside a bare `pg` batch insert plus BullMQ add of the same rows.
import { randomBytes, randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { closedLoop } from './arrivals.mjs';
import { Costs } from './costs.mjs';
import { FakePlatform, messageOf } from './fake-platform.mjs';
import { ms, percentile, until, withRange } from './numbers.mjs';
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
  // A gateway leaves unacknowledged what it cannot make durable in time; a platform would send it again later.
  let unacknowledged = 0;
  const patience = setInterval(() => (unacknowledged += platform.giveUp(3_000)), 500);
  try {
    await until('connected', () => platform.size === CHANNELS);
    const ask = (n) =>
      platform.ask(stack.channels[n % CHANNELS].clientId, randomUUID(), `staff-${n}`);
    await closedLoop(WIDTH, 3, ask);
    const bareBatch = await bareBatches(stack, queue);
    const stores = { postgres: stack.postgres.pid, redis: stack.redis.pid };
    const [ours, theirs] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}: bare inserts, then frames`);
      // As a gateway does: at most two batches under way.
      theirs.push(await measure(stores, BATCH, () => closedLoop(2, seconds, bareBatch)));
      const members = { gateway: gateway.pid, ...stores };
      ours.push(await measure(members, 1, () => closedLoop(WIDTH, seconds, ask)));
    }
    return report(ours, theirs, unacknowledged);
  } finally {
    clearInterval(patience);
    await queue.close();
    await gateway.stop();
    platform.close();
    await stack.stop();
  }
}

/** Rows a second, and milliseconds of CPU per row: of the members, and of this process (platform, or bare writer). */
async function measure(members, rowsEach, run) {
  const [costs, own] = [new Costs(members), process.cpuUsage()];
  const { ended, perSecond } = await run();
  const { user, system } = process.cpuUsage(own);
  const rows = ended * rowsEach;
  const by = Object.entries(costs.since()).map(([name, { cpuMs }]) => [name, cpuMs / rows]);
  by.push(['this process', (user + system) / 1_000 / rows]);
  return { perSecond: perSecond * rowsEach, by: Object.fromEntries(by) };
}

/**
 * Writes the rows and adds the jobs that the gateway has for the same frames: every column, sealed ones as so many random
 * bytes, and the same data and options of the jobs. Sealing and reading are not among what it does.
 */
async function bareBatches(stack, queue) {
  const { rows } = await stack.sql.query(
    `SELECT content, length(raw) AS raw, length(reply_webhook) AS webhook FROM inbound_event LIMIT 1`,
  );
  const [like] = rows;
  const content = JSON.stringify(like.content);
  const [raw, webhook] = [randomBytes(like.raw), randomBytes(like.webhook)];
  return async (n) => {
    const { id } = stack.channels[n % CHANNELS];
    const ids = Array.from({ length: BATCH }, () => randomUUID());
    const all = (value) => ids.map(() => value);
    const now = new Date();
    const until = new Date(now.getTime() + 5_400_000);
    await stack.sql.query({
      name: 'bare batch',
      text: INSERT,
      values: [
        ...[ids, all(stack.tenantId), all(id), all('message'), ids, ids, all(now), all(raw)],
        ...[all(content), all(webhook), all(until), all('pending')],
      ],
    });
    await queue.addBulk(ids.map((eventId) => jobOf(stack.tenantId, eventId)));
  };
}

const INSERT = `
INSERT INTO inbound_event (id, tenant_id, channel_id, kind, thread_id, platform_message_id, received_at, raw, content,
                           reply_webhook, reply_webhook_expires_at, state)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::timestamptz[],
                     $8::bytea[], $9::jsonb[], $10::bytea[], $11::timestamptz[], $12::text[])
ON CONFLICT DO NOTHING RETURNING id`;

const jobOf = (tenantId, eventId) => ({
  name: 'inbound',
  data: { version: 1, tenantId, correlationId: eventId, eventId, wake: 0 },
  opts: {
    jobId: `${eventId}-0`,
    attempts: 5,
    backoff: { type: 'exponential', delay: 500 },
    removeOnComplete: true,
    removeOnFail: { age: 604_800, count: 1_000 },
  },
});

function report(ours, theirs, unacknowledged) {
  const show = (perSecond) => perSecond.toFixed(0);
  const [bare, frames] = [theirs, ours].map((runs) => runs.map(({ perSecond }) => perSecond));
  const cpu = (runs, name) => {
    const values = runs.map(({ by }) => by[name]);
    return values.includes(undefined) ? '–' : ms(percentile(values, 0.5));
  };
  const row = (name, rates, runs) =>
    `| ${[name, withRange(rates, show), ...MEMBERS.map((one) => cpu(runs, one))].join(' | ')} |`;
  console.log(`| CPU per row | rows/s, median (range) | ${MEMBERS.join(' | ')} |`);
  console.log(`|---|---|${MEMBERS.map(() => '---|').join('')}`);
  console.log(row(`bare insert of ${BATCH} + addBulk`, bare, theirs));
  console.log(row('frames acknowledged by one gateway', frames, ours));
  const ratio = percentile(frames, 0.5) / percentile(bare, 0.5);
  console.log(`\nratio ${ratio.toFixed(2)} (≥ ${TARGET}); aim: 4,000 frames/s`);
  if (unacknowledged > 0) console.log(`not acknowledged: ${unacknowledged}`);
  return [
    atLeast('durable frames, part of a bare batch insert + add', ratio, TARGET),
    noted('frames/s of one gateway (aim: 4,000)', show(percentile(frames, 0.5))),
  ];
}

const MEMBERS = ['gateway', 'this process', 'postgres', 'redis'];
