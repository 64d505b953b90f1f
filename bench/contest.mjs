// Two answers to the same questions in one run: Carillon's services and the bot of an afternoon, before the same platform
// and the same model.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { CardPlatform } from './card-platform.mjs';
import { Fleet } from './fleet.mjs';
import { stopLater } from './leave.mjs';
import { MeasuredProcess } from './measured-process.mjs';
import { until } from './numbers.mjs';
import { BenchStack } from './stack.mjs';
import { say } from './verdict.mjs';

const BASELINE = new URL('./baseline/bot.mjs', import.meta.url).pathname;
const MODEL = new URL('./model-server.mjs', import.meta.url);
/** What the platform allows one app and API a second, and how far below it we stay. */
const PLATFORM_LIMIT = 20;
const OUR_LIMIT = 18;

/** Everything that answers, and whom the CPU is counted for. */
class Contestant {
  constructor(name, platform, clientIds, fleet) {
    Object.assign(this, { name, platform, clientIds, fleet });
  }

  get members() {
    return this.fleet.members;
  }

  /**
   * One question of one of `people`; the answer must be whole, unless it was lost.
   * @param options.shape how the model answers this one: `20x150` is twenty chunks, 150 ms between them
   */
  async ask(n, { people = 500, shape, bot = n % this.clientIds.length, ...options } = {}) {
    const kind = shape ? ` [${shape}]` : '';
    const text = `Question ${n}${kind}: and what about last month?`;
    const asked = { ...options, text };
    const sender = `staff-${n % people}`;
    const answer = await this.platform.question(this.clientIds[bot], sender, asked);
    if (!answer.isLost && !answer.text?.includes('word 0 '))
      throw new Error(`${this.name}: ${answer.text}`);
    return answer;
  }

  async stop() {
    await this.fleet.stop();
    this.platform.close();
  }
}

export class Contest {
  /**
   * @param options.chunks of an answer; `paceMs` between them; `pace` of our cards; `replicas` of each of our services;
   * `limits`: whether the platform has any; `baseline`: whether the bot of an afternoon takes part
   */
  static async open(options = {}) {
    const contest = new Contest();
    try {
      await contest.#begin(options);
      return contest;
    } catch (error) {
      await contest.close();
      throw error;
    }
  }

  async #begin({ chunks = 20, paceMs = 0, channels = 10, baseline = true, ...options }) {
    say('stores, model and services start');
    this.model = fork(MODEL, [...[chunks, paceMs].map(String), 'quiet']);
    stopLater(() => this.model.kill());
    const [{ port }] = await once(this.model, 'message');
    this.modelUrl = `http://127.0.0.1:${port}/v1`;
    this.stack = await BenchStack.start();
    await this.stack.addChannels(channels);
    this.carillon = await this.#carillon(options);
    if (baseline) this.baseline = await this.#baseline(channels, options);
  }

  async close() {
    await this.carillon?.stop();
    await this.baseline?.stop();
    await this.stack?.stop();
    this.model?.kill();
  }

  async #carillon({ pace = 'balanced', replicas = 1, env = {}, limits = false }) {
    const { stack } = this;
    const platform = await platformWith(limits);
    await this.#answerWithTheModel(pace, limits ? OUR_LIMIT : 100_000);
    const fleet = new Fleet(stack, { ...stack.platformAt(platform.url), ...env });
    fleet.scaleTo(replicas);
    const clientIds = stack.channels.map(({ clientId }) => clientId);
    await until('connected', () => platform.clients().length >= clientIds.length);
    return new Contestant('Carillon', platform, clientIds, fleet);
  }

  async #baseline(channels, { limits = false }) {
    const platform = await platformWith(limits);
    const clientIds = Array.from({ length: channels }, (_, n) => `baseline-${n}`);
    const env = { API_URL: platform.url, MODEL_URL: this.modelUrl, CLIENT_IDS: clientIds.join() };
    const bot = new MeasuredProcess(BASELINE, { env });
    await until('connected', () => platform.clients().length >= channels);
    const alone = { members: { bot: bot.pid }, stop: () => bot.stop() };
    return new Contestant('baseline', platform, clientIds, alone);
  }

  async #answerWithTheModel(pace, callsPerSecond) {
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
    await sql.query(`UPDATE channel SET default_agent_id = $1, card = $2, calls_per_second = $3`, [
      agentId,
      JSON.stringify({ enabled: true, pace, aiMark: '' }),
      callsPerSecond,
    ]);
  }
}

const platformWith = (limits) =>
  new CardPlatform({ callsPerSecond: limits ? PLATFORM_LIMIT : Infinity }).listen();
