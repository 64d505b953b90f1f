import { randomUUID } from 'node:crypto';

import { Readiness } from '@common/bootstrap';
import { SecretBox } from '@common/kernel';

import { BOOTSTRAP_KEY, RunningAdminApi } from './admin-api.fixture';

describe('the HTTP side', () => {
  let api: RunningAdminApi;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  it('tells malformed, oversized and foreign bodies apart', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(1_100_000) });
    const json = { 'content-type': 'application/json' };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };

    const malformed = await api.call('POST', '/agents', { body: '{"name":', headers: json });
    const oversized = await api.call('POST', '/agents', { body: large, headers: json });
    const foreign = await api.call('POST', '/agents', { body: 'name=x&kind=demo', headers: form });
    const empty = await api.post('/agents');
    const list = await api.post('/agents', []);

    expect([malformed.status, malformed.body.code]).toEqual([400, 'malformed_json']);
    expect([oversized.status, oversized.body.code]).toEqual([413, 'body_too_large']);
    expect([foreign.status, foreign.body.code]).toEqual([415, 'unsupported_media_type']);
    expect([empty.status, empty.body.code]).toEqual([400, 'invalid_input']);
    expect([list.status, list.body.errors[0].path]).toEqual([400, '']);
  });

  it('answers 404 for addresses and ids that name nothing', async () => {
    for (const path of ['/nothing', '/channels/not-a-uuid', `/channels/${randomUUID()}`]) {
      const answer = await api.get(path);
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
  });

  it('takes out what Postgres cannot hold', async () => {
    const agent = await api.created('/agents', {
      name: 'A\0B',
      kind: 'demo',
      instructions: 'x\ud800',
    });

    expect(agent).toMatchObject({ name: 'AB', instructions: 'x\ufffd' });
    expect((await api.get(`/turns?platformMessageId=%00`)).status).toBe(400);
  });

  it('echoes a correlation id and puts it into problems and log lines', async () => {
    const given = await api.get('/nothing', { headers: { 'x-correlation-id': 'from-outside' } });
    const odd = await api.get('/nothing', { headers: { 'x-correlation-id': 'a b {}' } });

    expect(given.headers.get('x-correlation-id')).toBe('from-outside');
    expect(given.body.requestId).toBe('from-outside');
    expect(odd.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says little about itself and sends safe headers', async () => {
    const answer = await api.get('/channels');

    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('serves the set-up page at /, with a link to the documentation', async () => {
    const page = await fetch(`${api.baseUrl}/`);

    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await page.text()).toContain('href="api/docs"');
    expect((await fetch(`${api.baseUrl}/main.js`)).status).toBe(200);
    expect((await fetch(`${api.baseUrl}/api/docs`)).status).toBe(200);
  });

  it('refuses work until it is ready, and says so to supervisors', async () => {
    api.use(Readiness).become('schema_too_old');
    const work = await api.get('/channels');
    const supervisor = await api.get('/api/../readyz');
    api.use(Readiness).become(true);

    expect([work.status, work.body.code]).toEqual([503, 'not_ready']);
    expect(supervisor.body).toEqual({ status: 'not_ready', reason: 'schema_too_old' });
    expect((await api.get('/api/../readyz')).status).toBe(200);
  });

  it('never shows a secret: not in answers, errors, logs or the audit log', async () => {
    const planted = {
      clientSecret: 'planted-client-secret-1',
      token: 'planted-callback-token',
      aesKey: `planted${'k'.repeat(36)}`,
      apiKey: 'sk-planted-model-key',
    };
    const model = await api.post('/models', {
      name: 'M',
      provider: 'openai-compatible',
      baseUrl: 'https://models.example/v1',
      upstreamModel: 'm',
      apiKey: planted.apiKey,
    });
    const { clientSecret, token, aesKey } = planted;
    const channel = await api.post('/channels', {
      name: 'C',
      clientId: 'ding-secretive',
      clientSecret,
      callback: { token, aesKey },
    });
    const answers = [
      model,
      channel,
      await api.get('/models'),
      await api.get('/channels'),
      await api.get(`/channels/${channel.body.id}/status`),
      await api.patch(`/channels/${channel.body.id}`, { clientSecret: `${clientSecret}x`, a: 1 }),
      await api.patch(`/channels/${channel.body.id}`, { callback: { token, aesKey: 5 } }),
      await api.post('/channels', { name: 'C', clientId: 'ding-secretive', clientSecret }),
      await api.call('POST', '/channels', {
        body: `{"clientSecret":"${clientSecret}"`,
        headers: { 'content-type': 'application/json' },
      }),
      await api.post(`/channels/${channel.body.id}/test`),
    ];

    expect(model.body.apiKeySet).toBe(true);
    expect(channel.body).toMatchObject({
      clientSecretSet: true,
      callback: { tokenSet: true, aesKeySet: true },
    });
    const audit = JSON.stringify(await api.sql('SELECT * FROM audit_log'));
    const everything = [...answers.map((a) => a.text), ...api.logLines, audit].join('\n');
    for (const secret of [...Object.values(planted), BOOTSTRAP_KEY])
      expect(everything).not.toContain(secret);
  });

  it('seals secrets so that only the master key opens them', async () => {
    const channel = await api.channel({ clientSecret: 'planted-at-rest' });

    const [row] = await api.sql<{ client_secret: Buffer }>(
      'SELECT client_secret FROM channel WHERE id = $1',
      [channel.id],
    );
    const sealed = row?.client_secret ?? Buffer.alloc(0);
    expect(sealed.toString('latin1')).not.toContain('planted');
    expect(SecretBox.parse(api.config.MASTER_KEYS.reveal()).openText(sealed)).toBe(
      'planted-at-rest',
    );
  });
});
