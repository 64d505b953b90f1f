// `npm run bench:generator`: CPU per chunk of the generator process beside the bare SDK on the same streams, saturated and
// paced, and the time from a model's first token to the reply stream. Exit code 1 when a target is missed.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { MeasuredProcess } from './measured-process.mjs';
import { ms, percentile, sleep, until } from './numbers.mjs';

const { ensureBuilt } = await import('../tools/ensure-built.mjs');
if (!ensureBuilt()) process.exit(2);
const { BenchStack, root } = await import('./stack.mjs');

const STREAMS = 100;
const CHUNKS = 500;
const MODES = [
  { name: 'saturated', paceMs: 0, most: 1.5, rounds: 3 },
  { name: 'paced at 30 ms', paceMs: 30, most: 2, rounds: 1 },
];
const FIRST_TOKEN_P50_MS = 5;
const now = () => performance.timeOrigin + performance.now();

async function compare({ name, paceMs, most, rounds }) {
  const model = fork(new URL('./model-server.mjs', import.meta.url), [CHUNKS, paceMs].map(String));
  // Whatever happens here, it does not outlive us.
  process.once('exit', () => model.kill());
  const [listening] = await once(model, 'message');
  const baseURL = `http://127.0.0.1:${listening.port}/v1`;
  const agent = await addAgent(baseURL);
  const bare = new MeasuredProcess(join(root, 'bench', 'bare-reader.mjs'), { env: {} });
  await bare.said();
  const generator = new MeasuredProcess(join(root, 'dist', 'apps', 'generator', 'main.js'), {
    env: {
      DATABASE_URL: stack.postgres.url,
      REDIS_URL: stack.redis.url,
      MASTER_KEYS: stack.masterKeys,
      GENERATOR_PORT: '0',
      // A channel has a quarter of the slots.
      GENERATOR_CONCURRENCY: String(STREAMS * 4),
      LOG_LEVEL: 'warn',
    },
  });
  const firsts = listen(model);
  const [ours, theirs] = [[], []];
  const readBare = () =>
    costOf(bare, () => (bare.send({ baseURL, streams: STREAMS }), bare.said()));
  const answer = () => costOf(generator, () => answerAll(agent));
  // Warm: code is compiled, connections are open.
  await readBare();
  await answer();
  firsts.length = 0;
  // In turns, so that a busy moment of the machine meets both.
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await readBare());
    ours.push(await answer());
  }
  firsts.length = 0;
  // One after the other: how soon words are passed on, not how a crowd begins.
  if (paceMs > 0) await answerAll(agent, 40, 50);
  if (paceMs > 0) delays.push(...firsts);
  await Promise.all([generator.stop(), bare.stop()]);
  return { name, most, ours: percentile(ours, 0.5), theirs: percentile(theirs, 0.5) };
}

/** Microseconds of CPU per chunk. */
async function costOf(measured, work) {
  const before = await measured.cpuMicros();
  await work();
  const after = await measured.cpuMicros();
  return (after - before) / (STREAMS * CHUNKS);
}

async function addAgent(baseURL) {
  const [modelId, agentId, versionId] = [randomUUID(), randomUUID(), randomUUID()];
  await stack.sql.query(
    `INSERT INTO model (id, tenant_id, name, provider, base_url, upstream_model, trusted_address)
     VALUES ($1, $2, 'bench', 'openai-compatible', $3, 'm', true)`,
    [modelId, stack.tenantId, baseURL],
  );
  await stack.sql.query(`INSERT INTO agent (id, tenant_id, name) VALUES ($1, $2, 'bench')`, [
    agentId,
    stack.tenantId,
  ]);
  await stack.sql.query(
    `INSERT INTO agent_version (id, tenant_id, agent_id, version, kind, model_id) VALUES ($1, $2, $3, 1, 'llm', $4)`,
    [versionId, stack.tenantId, agentId, modelId],
  );
  return versionId;
}

/** Turns as the dispatcher leaves them, and the jobs that wake them. Resolves when all are answered. */
async function answerAll(versionId, count = STREAMS, everyMs = 0) {
  const ids = Array.from({ length: count }, () => randomUUID());
  await stack.sql.query(SEED, [stack.tenantId, stack.channels[0].id, versionId, ids]);
  for (const turnId of ids) {
    const data = { version: 1, tenantId: stack.tenantId, correlationId: turnId, turnId, wake: 0 };
    const added = queue.add('generation', data, { jobId: `${turnId}-0`, removeOnComplete: true });
    if (everyMs > 0) await Promise.all([added, sleep(everyMs)]);
  }
  let done = 0;
  const look = setInterval(async () => {
    const { rows } = await stack.sql.query(
      `SELECT count(*)::int AS n, min(outcome) AS outcome FROM turn WHERE id = ANY($1) AND state = 'generated'`,
      [ids],
    );
    if (rows[0].n > 0 && rows[0].outcome !== 'answered') throw new Error(rows[0].outcome);
    done = rows[0].n;
  }, 100);
  try {
    await until('all answered', () => done === count, 60_000);
  } finally {
    clearInterval(look);
  }
}

/** From the first token on the model's socket to the news that the reply stream has it. */
function listen(model) {
  const told = new Map();
  const found = [];
  const meet = (turnId, side, at) => {
    const other = told.get(turnId);
    if (!other) return told.set(turnId, { side, at });
    if (other.side === side) return undefined;
    return found.push(side === 'news' ? at - other.at : other.at - at);
  };
  model.on('message', ({ first, at }) => first?.length === 36 && meet(first, 'model', at));
  news.removeAllListeners('message');
  news.on('message', (_channel, text) => {
    const { turnId, kind } = JSON.parse(text);
    if (kind === 'first_words') meet(turnId, 'news', now());
  });
  void news.subscribe('carillon:reply-news');
  return found;
}

function report() {
  console.log(
    '| 100 streams of 500 chunks | bare SDK, µs of CPU per chunk | generator | ratio | target |',
  );
  console.log('|---|---|---|---|---|');
  for (const { name, most, ours, theirs } of results)
    console.log(
      `| ${name} | ${theirs.toFixed(1)} | ${ours.toFixed(1)} | ${(ours / theirs).toFixed(2)} | ≤ ${most} |`,
    );
  const [p50, p99] = [percentile(delays, 0.5), percentile(delays, 0.99)];
  console.log(
    `\nFirst token → reply stream, 20 answers begun a second (${delays.length}): p50 ${ms(p50)}, p99 ${ms(p99)}`,
  );
  return (
    results.every(({ ours, theirs, most }) => ours <= theirs * most) && p50 <= FIRST_TOKEN_P50_MS
  );
}

/** One thread, session, turn and question each; the question is the turn's id. */
const SEED = `
WITH ids AS (SELECT id, gen_random_uuid() AS other FROM unnest($4::uuid[]) AS t (id)
), member_ AS (INSERT INTO member (id, tenant_id) SELECT other, $1 FROM ids
), conversation_ AS (INSERT INTO conversation (id, tenant_id, channel_id, platform_id, kind) SELECT other, $1, $2, other::text, 'direct' FROM ids
), thread_ AS (INSERT INTO thread (id, tenant_id, channel_id, conversation_id, member_id) SELECT other, $1, $2, other, other FROM ids
), session_ AS (INSERT INTO session (id, tenant_id, thread_id, number) SELECT other, $1, other, 1 FROM ids
), turn_ AS (
  INSERT INTO turn (id, tenant_id, channel_id, thread_id, session_id, member_id, agent_version_id, seq, state, locale, activated_at)
  SELECT id, $1, $2, other, other, other, $3, 1, 'active', 'en', now() FROM ids
)
INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text)
SELECT gen_random_uuid(), $1, other, id, 1, 'user', id::text FROM ids`;

const stack = await BenchStack.start();
const { hostname: host, port, password } = new URL(stack.redis.url);
const connection = { host, port: Number(port), password };
const queue = new Queue('generation', { connection, prefix: '{carillon}' });
const news = new Redis(connection);
const results = [];
const delays = [];
try {
  await stack.addChannels(1);
  for (const mode of MODES) results.push(await compare(mode));
} finally {
  await queue.close();
  news.disconnect();
  await stack.stop();
}
process.exit(report() ? 0 : 1);
