// Pure: what is written for a bot, in which order, and what of it is there already.

const SECRETS = ['clientSecret', 'apiKey'];

/** Optional fields are null where the form says nothing. */
function stepsOf(input) {
  const { answers } = input;
  const steps = [];
  if (answers === 'model') steps.push({ step: 'model', path: '/models', body: () => model(input) });
  if (answers !== 'keep')
    steps.push({ step: 'agent', path: '/agents', body: (ids) => agent(input, ids) });
  return [
    ...steps,
    { step: 'channel', path: '/channels', body: (ids) => channel(input, ids.agent) },
  ];
}

const model = (input) => ({
  name: input.name,
  provider: 'openai-compatible',
  baseUrl: input.baseUrl,
  apiKey: input.apiKey || null,
  upstreamModel: input.upstreamModel,
});
const agent = (input, ids) => ({
  name: input.name,
  kind: ids.model ? 'llm' : 'demo',
  instructions: ids.model ? input.instructions : '',
  modelId: ids.model ?? null,
});
const channel = (input, agentId) => ({
  name: input.name,
  clientId: input.clientId,
  clientSecret: input.clientSecret || null,
  robotCode: input.robotCode || null,
  locale: input.locale,
  card: { templateId: input.templateId || null, contentKey: input.contentKey || null },
  ...(agentId && { defaultAgentId: agentId }),
});

/**
 * Writes model, agent and channel, each once. What was made stays known: running again changes what differs and makes
 * only what is missing. A write whose outcome is unknown is settled under its own Idempotency-Key before anything else.
 */
export class SetUp {
  #made = {};
  #open = {};

  /** @param call (method, path, {body, idempotencyKey}) → what was written; throws with `status` (0: unknown outcome) */
  constructor(call, newKey = randomKey) {
    this.call = call;
    this.newKey = newKey;
  }

  /** The channel that the next run changes; undefined: it will make one. */
  get channelId() {
    return this.#made.channel?.id;
  }

  /** From now on about a channel that is there. */
  adopt(channelId) {
    this.#made = { channel: { id: channelId } };
    this.#open = {};
  }

  /** @returns the channel. @throws what the call threw, with `step` */
  async run(input) {
    const ids = {};
    const bodies = {};
    for (const { step, path, body } of stepsOf(input)) {
      bodies[step] = body(ids);
      ids[step] = await this.#write(step, path, bodies[step]).catch((problem) => {
        throw Object.assign(problem, { step });
      });
    }
    for (const [step, body] of Object.entries(bodies))
      this.#made[step].sent = JSON.stringify(withoutSecrets(body));
    return ids.channel;
  }

  async #write(step, path, body) {
    const sent = JSON.stringify(body);
    const open = this.#open[step];
    if (open) await this.#settle(step, open, open.sent === sent);
    const made = this.#made[step];
    if (made?.sent === sent) return made.id;
    return this.#send(step, {
      method: made ? 'PATCH' : 'POST',
      path: made ? `${path}/${made.id}` : path,
      body: made ? withoutEmptySecrets(body) : withoutNulls(body),
      idempotencyKey: this.newKey(),
      sent,
    });
  }

  /** A refusal of what is no longer wanted settles it too. */
  async #settle(step, open, isStillWanted) {
    try {
      await this.#send(step, open);
    } catch (problem) {
      if (isStillWanted || this.#open[step]) throw problem;
    }
  }

  async #send(step, write) {
    const { method, path, body, idempotencyKey, sent } = write;
    this.#open[step] = write;
    try {
      const { id } = await this.call(method, path, { body, idempotencyKey });
      delete this.#open[step];
      this.#made[step] = { id, sent };
      return id;
    } catch (problem) {
      if (isKnown(problem)) delete this.#open[step];
      // Somebody deleted it: made anew the next time.
      if (method === 'PATCH' && problem.status === 404) delete this.#made[step];
      throw problem;
    }
  }
}

/** Whether this answer says that the write was not done. */
const isKnown = ({ status, code }) =>
  status >= 400 && status < 500 && code !== 'idempotency_key_in_use';

const withoutSecrets = (body) =>
  mapped(body, (name, value) => (SECRETS.includes(name) ? null : value));
const withoutEmptySecrets = (body) =>
  mapped(body, (name, value) => (SECRETS.includes(name) && value === null ? undefined : value));
const withoutNulls = (body) => mapped(body, (_, value) => (value === null ? undefined : value));

const mapped = (body, change) => JSON.parse(JSON.stringify(body, change));

/** Not randomUUID: that is missing where the page comes over plain HTTP from another machine. */
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
