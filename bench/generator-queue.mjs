// Turns as the dispatcher leaves them, and the jobs that wake them: what the generator's bench feeds it with.
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { sleep, until } from './numbers.mjs';

const now = () => performance.timeOrigin + performance.now();

export class GeneratorQueue {
  #queue;
  #news;

  constructor(stack) {
    this.stack = stack;
    const { hostname: host, port, password } = new URL(stack.redis.url);
    const connection = { host, port: Number(port), password };
    this.#queue = new Queue('generation', { connection, prefix: '{carillon}' });
    this.#news = new Redis(connection);
  }

  async close() {
    await this.#queue.close();
    this.#news.disconnect();
  }

  async addAgent(baseURL) {
    const { sql, tenantId } = this.stack;
    const [modelId, agentId, versionId] = [randomUUID(), randomUUID(), randomUUID()];
    await sql.query(
      `INSERT INTO model (id, tenant_id, name, provider, base_url, upstream_model, trusted_address)
       VALUES ($1, $2, 'bench', 'openai-compatible', $3, 'm', true)`,
      [modelId, tenantId, baseURL],
    );
    await sql.query(`INSERT INTO agent (id, tenant_id, name) VALUES ($1, $2, 'bench')`, [
      agentId,
      tenantId,
    ]);
    await sql.query(
      `INSERT INTO agent_version (id, tenant_id, agent_id, version, kind, model_id) VALUES ($1, $2, $3, 1, 'llm', $4)`,
      [versionId, tenantId, agentId, modelId],
    );
    return versionId;
  }

  /** Resolves when all are answered. */
  async answerAll(versionId, count, everyMs = 0) {
    const { sql, tenantId, channels } = this.stack;
    const ids = Array.from({ length: count }, () => randomUUID());
    await sql.query(SEED, [tenantId, channels[0].id, versionId, ids]);
    for (const turnId of ids) {
      const data = { version: 1, tenantId, correlationId: turnId, turnId, wake: 0 };
      const options = { jobId: `${turnId}-0`, removeOnComplete: true };
      const added = this.#queue.add('generation', data, options);
      if (everyMs > 0) await Promise.all([added, sleep(everyMs)]);
    }
    let [done, outcome] = [0, null];
    const look = setInterval(async () => {
      const { rows } = await sql.query(
        `SELECT count(*)::int AS n, min(outcome) FILTER (WHERE outcome <> 'answered') AS outcome
           FROM turn WHERE id = ANY($1) AND state = 'generated'`,
        [ids],
      );
      [done, outcome] = [rows[0].n, rows[0].outcome];
    }, 100);
    try {
      await until('all answered', () => done === count || outcome !== null, 60_000);
    } finally {
      clearInterval(look);
    }
    if (outcome !== null) throw new Error(`an answer ended as ${outcome}`);
  }

  /** From the first token on the model's socket to the news that the reply stream has it, in ms, as they come. */
  listen(model) {
    const told = new Map();
    const found = [];
    const meet = (turnId, side, at) => {
      const other = told.get(turnId);
      if (!other) return told.set(turnId, { side, at });
      if (other.side === side) return undefined;
      return found.push(side === 'news' ? at - other.at : other.at - at);
    };
    model.on('message', ({ first, at }) => first?.length === 36 && meet(first, 'model', at));
    this.#news.removeAllListeners('message');
    this.#news.on('message', (_channel, text) => {
      const { turnId, kind } = JSON.parse(text);
      if (kind === 'first_words') meet(turnId, 'news', now());
    });
    void this.#news.subscribe('carillon:reply-news');
    return found;
  }
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
