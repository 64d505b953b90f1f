import { randomBytes } from 'node:crypto';
import { Bot } from './support/bot';
import { Installation } from './support/installation';
import { RecordingProxy } from './support/recording-proxy';
import { dumpRedis } from './support/redis-dump';

describe('P8 C101 a secret', () => {
  const planted = (what: string) => `planted-${what}-${randomBytes(12).toString('hex')}`;
  const clientSecret = planted('client-secret');
  const rejectedSecret = planted('rejected-secret');
  const apiKey = planted('model-key');
  const adminKey = planted('admin-key');
  const masterKey = randomBytes(32).toString('base64');
  /** Content is no secret, but it has no business in logs and jobs. */
  const content = { question: planted('question'), answer: planted('answer') };

  let proxy: RecordingProxy;
  let installation: Installation;
  let restKey: string;
  /** What must not be found anywhere, by name. */
  let secrets: Map<string, string>;
  const rest: string[] = [];

  beforeAll(async () => {
    proxy = await RecordingProxy.start();
    installation = await Installation.start({
      env: {
        LOG_LEVEL: 'debug',
        ADMIN_API_KEY: adminKey,
        MASTER_KEYS: `k1:${masterKey}`,
        DINGTALK_API_URL: proxy.url,
        DINGTALK_OAPI_URL: proxy.url,
        DINGTALK_LOGIN_URL: proxy.url,
      },
      sandboxEnv: { SANDBOX_PUBLIC_URL: proxy.url },
      onSandbox: (url) => (proxy.target = url),
    });
    await live();
    secrets = gather();
  });

  afterAll(async () => {
    await installation?.stop();
    await proxy?.stop();
  });

  /** A day in the life of an installation, with everything that can go wrong with a secret at hand. */
  const live = async () => {
    const { sandbox, admin, model } = installation;
    const bot = await Bot.join(installation, {
      app: { clientSecret },
      channel: { clientSecret },
      model: { apiKey },
    });
    const person = await bot.person();
    model.on(content.question, (call) => {
      call.say(content.answer);
      call.end();
    });
    // Providers repeat the key in their refusal.
    model.on('rejected', (call) =>
      call.fail(401, `Incorrect API key provided: ${call.request.authorization}`),
    );
    model.on('broken', (call) => call.fail(500, `trouble with ${call.request.authorization}`));
    await bot.answerTo(person, content.question);
    await bot.answerTo(person, 'rejected');
    await bot.answerTo(person, 'broken');
    await sandbox.call('POST', `/apps/${bot.clientId}/revoke-token`);
    await bot.answerTo(person, 'after the token was revoked');
    await admin.change(`/channels/${bot.channelId}`, { card: { enabled: false } });
    await bot.answerTo(person, 'through the webhook');
    await sandbox.fault('webhook', {
      on: 'sessionWebhook',
      clientId: bot.clientId,
      act: { error: 'sessionExpired' },
    });
    await bot.answerTo(person, 'through the robot API');
    await sandbox.clearFaults();
    await sandbox.frame(bot.clientId, { raw: `{"headers":{},"data":"${content.question}` });
    await disturbConnection(bot);
    await Bot.join(installation, {
      channel: { clientSecret: rejectedSecret },
      connected: false,
    }).then(({ channelId }) => admin.untilState(channelId, 'bad_credentials'));
    await readEverything(bot);
  };

  /** A ticket that is refused, then one that is taken. */
  const disturbConnection = async (bot: Bot) => {
    await installation.sandbox.settings({ ticketLifeMs: 1 });
    const [connection] = await bot.connections();
    await installation.sandbox.call('POST', `/connections/${connection?.id ?? ''}/reset`);
    await installation.admin.untilState(bot.channelId, 'disconnected');
    await installation.sandbox.settings({ ticketLifeMs: 90_000 });
    await installation.admin.untilState(bot.channelId, 'connected');
  };

  const readEverything = async ({ channelId }: Bot) => {
    const { admin } = installation;
    const made = await admin.raw(
      'POST',
      '/api-keys',
      { name: 'reader', role: 'viewer' },
      { 'idempotency-key': randomBytes(8).toString('hex') },
    );
    expect(made.status).toBe(201);
    restKey = (JSON.parse(made.text) as { key: string }).key;
    const read = async (path: string, method = 'GET', body?: object) => {
      const { status, text } = await admin.raw(method, path, body);
      rest.push(`${method} ${path} ${status}: ${text}`);
      return text;
    };
    const lists = ['tenants', 'api-keys', 'organizations', 'models', 'agents', 'channels'];
    for (const list of [...lists, 'sessions', 'turns', 'queues']) await read(`/${list}`);
    for (const queue of ['inbound', 'generation', 'delivery'])
      await read(`/queues/${queue}/failed`);
    await read(`/channels/${channelId}`);
    await read(`/channels/${channelId}/status`);
    await read(`/channels/${channelId}/test`, 'POST');
    await read(`/channels/${channelId}`, 'PATCH', { clientSecret, name: 'written again' });
    await read('/channels', 'POST', { name: 7, clientId: 'x', clientSecret });
    await read('/models', 'POST', { name: 'm', provider: 'wrong', apiKey });
    for (const { id } of await admin.turns('')) await read(`/turns/${id}/timeline`);
  };

  const gather = (): Map<string, string> => {
    const found: [string, string][] = [
      ['client secret', clientSecret],
      ['rejected client secret', rejectedSecret],
      ['model key', apiKey],
      ['admin key', adminKey],
      ['REST key', restKey],
      ['master key', masterKey],
    ];
    for (const [kind, values] of Object.entries(proxy.secrets)) {
      expect(values.size).toBeGreaterThan(0);
      for (const value of values) found.push([kind, value]);
    }
    for (const url of [process.env['DATABASE_URL'], process.env['REDIS_URL']]) {
      const { password } = new URL(url ?? '');
      // A password like "test" would be found in words that have nothing to do with it.
      if (password.length >= 8) found.push(['password of a store', decodeURIComponent(password)]);
    }
    return new Map(found.map(([name, value], n) => [`${name} (${n})`, value]));
  };

  /** The names of the secrets that a text holds, as it is, escaped or encoded. */
  const leaksIn = (text: string, needles: Iterable<[string, string]> = secrets): string[] =>
    [...needles].flatMap(([name, value]) => {
      const forms = [
        value,
        encodeURIComponent(value),
        JSON.stringify(value).slice(1, -1),
        Buffer.from(value).toString('hex'),
        Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -2),
      ];
      return forms.some((form) => text.includes(form)) ? [name] : [];
    });

  it('is found by this search where it is known to be', () => {
    for (const [name, value] of secrets) expect(leaksIn(`x ${value} y`)).toContain(name);
    expect(installation.model.requests.map(({ authorization }) => authorization)).toContain(
      `Bearer ${apiKey}`,
    );
  });

  it('is in no line that a service wrote, not even at debug level; neither are words of people', () => {
    const needles = [...secrets, ...Object.entries(content)];

    for (const service of installation.services) {
      expect(service.lines.length).toBeGreaterThan(0);
      const leaks = service.lines.flatMap((line) =>
        leaksIn(line, needles).map((name) => `${service.name}: ${name} in ${line}`),
      );
      expect(leaks).toEqual([]);
    }
  });

  it('is in no key and no value in Redis; words of people are in no job', async () => {
    const dump = await dumpRedis(installation.redisUrl, installation.redisPrefix);

    expect([...dump.keys()].some((key) => key.includes(':token:'))).toBe(true);
    const leaks = [...dump].flatMap(([key, value]) => [
      ...leaksIn(`${key} ${value}`).map((name) => `${name} in ${key}`),
      ...(key.startsWith('{')
        ? leaksIn(value, Object.entries(content)).map((name) => `${name} in ${key}`)
        : []),
    ]);
    expect(leaks).toEqual([]);
  });

  it('is in no column of Postgres as it is', async () => {
    const { schema } = installation;
    const tables = await schema.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1`,
      [schema.name],
    );
    expect(tables.length).toBeGreaterThan(10);

    const leaks: string[] = [];
    for (const { name } of tables) {
      const rows = await schema.query<{ text: string }>(`SELECT t::text AS text FROM "${name}" t`);
      for (const { text } of rows) leaks.push(...leaksIn(text).map((what) => `${what} in ${name}`));
    }
    expect([...new Set(leaks)]).toEqual([]);
  });

  it('is in no REST response, error responses included', () => {
    expect(rest.length).toBeGreaterThan(15);
    const leaks = rest.flatMap((text) =>
      leaksIn(text).map((name) => `${name} in ${text.slice(0, 60)}`),
    );
    expect(leaks).toEqual([]);
  });

  it('is in no metric', async () => {
    for (const service of installation.services) {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      expect(text).toContain('# HELP');
      expect(leaksIn(text)).toEqual([]);
    }
  });

  it('is in nothing that people read in chat', async () => {
    const chats = await installation.sandbox.call<{ id: string }[]>('GET', '/conversations');
    for (const { id } of chats)
      expect(leaksIn(JSON.stringify(await installation.sandbox.entries(id)))).toEqual([]);
  });
});
