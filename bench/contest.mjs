// Two answers to the same questions in one run: Carillon's services and the bot of an afternoon, before the same platform
// and the same model.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { CardPlatform } from './card-platform.mjs';
import { MeasuredProcess } from './measured-process.mjs';
import { until } from './numbers.mjs';
import { BenchStack, root } from './stack.mjs';

const BASELINE = new URL('./baseline/bot.mjs', import.meta.url).pathname;
const SERVICES = ['gateway', 'dispatcher', 'generator', 'sender'];

/** Everything that answers, and whom the CPU is counted for. */
class Contestant {
  constructor(name, platform, clientIds, members, stop) {
    Object.assign(this, { name, platform, clientIds, members, stop });
  }

  /** One question of one of `people`; the answer must be whole. */
  async ask(n, { people = 500, arrivedAt } = {}) {
    const clientId = this.clientIds[n % this.clientIds.length];
    const asked = { text: `Question ${n}: and what about last month?`, arrivedAt };
    const answer = await this.platform.question(clientId, `staff-${n % people}`, asked);
    if (!answer.text?.includes('word 0 ')) throw new Error(`${this.name}: ${answer.text}`);
    return answer;
  }
}

export class Contest {
  /** @param options.chunks of an answer; `paceMs` between them; `pace` of our cards; `replicas` of each of our services */
  static async open({ chunks = 20, paceMs = 0, channels = 10, ...options } = {}) {
    const contest = new Contest();
    try {
      await contest.#begin({ chunks, paceMs, channels, ...options });
      return contest;
    } catch (error) {
      await contest.close();
      throw error;
    }
  }

  async #begin({ chunks, paceMs, channels, ...options }) {
    const [server, shape] = [new URL('./model-server.mjs', import.meta.url), [chunks, paceMs]];
    this.model = fork(server, [...shape.map(String), 'quiet']);
    const [{ port }] = await once(this.model, 'message');
    this.modelUrl = `http://127.0.0.1:${port}/v1`;
    this.stack = await BenchStack.start();
    await this.stack.addChannels(channels);
    this.carillon = await this.#carillon(options);
    this.baseline = await this.#baseline(channels);
  }

  async close() {
    await this.carillon?.stop();
    await this.baseline?.stop();
    await this.stack?.stop();
    this.model?.kill();
  }

  async #carillon({ pace = 'balanced', replicas = {}, env = {} }) {
    const { stack } = this;
    const platform = await new CardPlatform().listen();
    await this.#answerWithTheModel(pace);
    const processes = SERVICES.flatMap((name) =>
      Array.from({ length: replicas[name] ?? 1 }, () => ({
        name,
        process: stack.service(name, { ...stack.platformAt(platform.url), ...env }),
      })),
    );
    await until('connected', () => platform.size >= stack.channels.length);
    const pids = (name) =>
      processes.filter((one) => one.name === name).map((one) => one.process.pid);
    const members = Object.fromEntries(SERVICES.map((name) => [name, pids(name)]));
    Object.assign(members, { postgres: stack.postgres.pid, redis: stack.redis.pid });
    const clientIds = stack.channels.map(({ clientId }) => clientId);
    return new Contestant('carillon', platform, clientIds, members, async () => {
      await Promise.all(processes.map((one) => one.process.stop()));
      platform.close();
    });
  }

  async #baseline(channels) {
    const platform = await new CardPlatform().listen();
    const clientIds = Array.from({ length: channels }, (_, n) => `baseline-${n}`);
    const env = { API_URL: platform.url, MODEL_URL: this.modelUrl, CLIENT_IDS: clientIds.join() };
    const bot = new MeasuredProcess(BASELINE, { env });
    await until('connected', () => platform.size >= channels);
    return new Contestant('baseline', platform, clientIds, { bot: bot.pid }, async () => {
      await bot.stop();
      platform.close();
    });
  }

  async #answerWithTheModel(pace) {
    const { sql, tenantId } = this.stack;
    const [modelId, agentId, versionId] = [randomUUID(), randomUUID(), randomUUID()];
    await sql.query(
      `INSERT INTO model (id, tenant_id, name, provider, base_url, upstream_model, trusted_address, max_concurrent)
       VALUES ($1, $2, 'bench', 'openai-compatible', $3, 'm', true, 1000)`,
      [modelId, tenantId, this.modelUrl],
    );
    await sql.query(`INSERT INTO agent (id, tenant_id, name) VALUES ($1, $2, 'bench')`, [
      agentId,
      tenantId,
    ]);
    await sql.query(
      `INSERT INTO agent_version (id, tenant_id, agent_id, version, kind, model_id) VALUES ($1, $2, $3, 1, 'llm', $4)`,
      [versionId, tenantId, agentId, modelId],
    );
    await sql.query('UPDATE agent SET current_version_id = $1 WHERE id = $2', [versionId, agentId]);
    // Limits off: what the platform allows is not measured here.
    await sql.query(
      `UPDATE channel SET default_agent_id = $1, card = $2, calls_per_second = 100000`,
      [agentId, JSON.stringify({ enabled: true, pace, aiMark: '' })],
    );
  }
}
