import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SecretBox } from '@common/kernel';

import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn } from './conversation.fixture';

describe('what the generator works with', () => {
  let api: RunningAdminApi;
  let tenantKey: string;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
    tenantKey = (await api.created('/api-keys', { name: 'K', role: 'admin' })).key as string;
  });
  afterAll(() => api.stop());

  describe('models', () => {
    const model = { name: 'M', provider: 'openai-compatible', upstreamModel: 'm' };
    let server: Server;
    let url: string;
    let status = 200;

    beforeAll(async () => {
      server = createServer((_request, response) => response.writeHead(status).end('{}'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it('P8 keeps headers and proxy sealed, shows only that they are there, and forgets them on demand', async () => {
      const created = await api.created('/models', {
        ...model,
        baseUrl: url,
        headers: { 'x-planted': 'planted-header' },
        proxyUrl: 'http://user:planted-proxy@127.0.0.1:8080',
        prices: { inputPerMillion: 2 },
        timeouts: { firstTokenMs: 5_000 },
        maxConcurrent: 7,
      });

      expect(created).toMatchObject({
        headerNames: ['x-planted'],
        proxySet: true,
        prices: { inputPerMillion: 2 },
        timeouts: { firstTokenMs: 5_000 },
        maxConcurrent: 7,
        seesImages: false,
        contextTokens: null,
      });
      const [row] = await api.sql<{ headers: Buffer }>('SELECT headers FROM model WHERE id = $1', [
        created.id,
      ]);
      expect(api.use(SecretBox).openText(row?.headers as Buffer)).toContain('planted-header');
      const seen = JSON.stringify([
        created,
        api.logLines,
        await api.sql('SELECT * FROM audit_log'),
      ]);
      expect(seen).not.toMatch(/planted-(header|proxy)/);

      const bare = await api.patch(`/models/${created.id}`, { headers: null, proxyUrl: null });
      expect(bare.body).toMatchObject({ headerNames: [], proxySet: false, maxConcurrent: 7 });
    });

    it('gives a proxy to platform keys only: it would lead around the outbound rule', async () => {
      const wish = {
        ...model,
        baseUrl: 'https://models.example/v1',
        proxyUrl: 'http://10.0.0.1:1',
      };
      const refused = await api.post('/models', wish, { key: tenantKey });
      expect([refused.status, refused.body.code]).toEqual([403, 'platform_only']);
    });

    it.each([['host'], ['Content-Length'], ['bad name']])('takes no header %j', async (name) => {
      const answer = await api.post('/models', {
        ...model,
        baseUrl: url,
        headers: { [name]: 'x' },
      });
      expect(answer.status).toBe(400);
    });

    it.each([
      [200, 'ok'],
      [401, 'key_rejected'],
      [404, 'model_unknown'],
      [429, 'busy_or_used_up'],
      [500, 'service_fails'],
      [400, 'refused'],
    ])('are tried with one word: HTTP %d means %s', async (answered, code) => {
      status = answered;
      const { id } = await api.created('/models', { ...model, baseUrl: url });
      const { body } = await api.post(`/models/${id}/test`);
      expect(body.checks).toMatchObject([
        { name: 'address', ok: true },
        { name: 'answer', ok: code === 'ok', code },
      ]);
    });

    it('are not tried where a tenant must not reach, and told when nobody answers', async () => {
      const inside = await api.created('/models', { ...model, baseUrl: url }, { key: tenantKey });
      expect((await api.post(`/models/${inside.id}/test`)).body.checks).toMatchObject([
        { name: 'address', ok: false, code: 'address_not_public' },
      ]);
      const away = await api.created('/models', { ...model, baseUrl: 'http://127.0.0.1:9/v1' });
      expect((await api.post(`/models/${away.id}/test`)).body.checks).toMatchObject([
        { ok: false, code: 'unreachable' },
      ]);
    });
  });

  describe('agents of other houses', () => {
    const agent = {
      name: 'A',
      kind: 'http',
      url: 'https://agents.example/ask',
      secret: 'planted-1',
    };

    it('P8 keep their secret sealed and over versions, until it is taken away', async () => {
      const created = await api.created('/agents', agent);
      expect(created).toMatchObject({ secretSet: true, url: agent.url, version: 1 });
      expect(JSON.stringify(created)).not.toContain('planted-1');

      const other = await api.patch(`/agents/${created.id}`, { instructions: 'Be brief.' });
      expect(other.body).toMatchObject({ secretSet: true, version: 2 });
      const bare = await api.patch(`/agents/${created.id}`, { secret: null });
      expect(bare.body).toMatchObject({ secretSet: false, version: 3 });
      expect(JSON.stringify(await api.sql('SELECT * FROM audit_log'))).not.toContain('planted-1');
    });

    it('need an address', async () => {
      const answer = await api.post('/agents', { name: 'A', kind: 'dify' });
      expect(answer.body.errors).toEqual([
        { path: 'url', message: 'is required for the kind dify' },
      ]);
    });
  });

  describe('tool servers', () => {
    const server = { name: 'crm', transport: 'http', url: 'https://tools.example/mcp' };

    it('are used by agents, and stay while they are', async () => {
      const { id, ...created } = await api.created('/tool-servers', {
        ...server,
        headers: { authorization: 'Bearer planted' },
      });
      expect(created).toMatchObject({ headersSet: true, askFirst: [], timeoutSeconds: 30 });
      const agent = await api.created('/agents', {
        name: 'A',
        kind: 'llm',
        tools: ['current_time', id],
      });
      expect((await api.delete(`/tool-servers/${id}`)).body.code).toBe('in_use');
      await api.patch(`/agents/${agent.id}`, { tools: [] });
      expect((await api.delete(`/tool-servers/${id}`)).status).toBe(204);
    });

    it('have a name of their own, and what their transport needs', async () => {
      await api.created('/tool-servers', { ...server, name: 'one' });
      expect((await api.post('/tool-servers', { ...server, name: 'one' })).body.code).toBe(
        'name_taken',
      );
      const bare = await api.post('/tool-servers', { name: 'two', transport: 'stdio' });
      expect(bare.body.errors).toMatchObject([{ path: 'command' }]);
    });

    it('refuses tools of agents that are not there', async () => {
      const answer = await api.post('/agents', { name: 'A', kind: 'llm', tools: [randomUUID()] });
      expect(answer.body.errors).toEqual([
        { path: 'tools.0', message: 'there is no such tool server' },
      ]);
      expect((await api.post('/agents', { name: 'A', kind: 'llm', tools: ['rm'] })).status).toBe(
        400,
      );
    });
  });

  it('budgets say whose they are and need a limit', async () => {
    const budget = { scope: 'member', period: 'month', unit: 'tokens', soft: 1_000, hard: 2_000 };
    const created = await api.created('/budgets', budget);
    expect(created).toMatchObject({ ...budget, memberId: null, channelId: null });
    const patched = await api.patch(`/budgets/${created.id}`, { soft: null });
    expect(patched.body).toMatchObject({ soft: null, hard: 2_000 });
    const wrong = await api.post('/budgets', { ...budget, channelId: randomUUID() });
    expect(wrong.body.errors).toMatchObject([{ path: 'channelId' }]);
    expect((await api.patch(`/budgets/${created.id}`, { hard: null })).status).toBe(400);
    expect((await api.delete(`/budgets/${created.id}`)).status).toBe(204);
  });

  it('are created with the fields of their views: null says that one is not set', async () => {
    const model = await api.created('/models', {
      ...{ name: 'Nulls', provider: 'demo', baseUrl: null, apiKey: null, upstreamModel: null },
      ...{ params: { stream_options: null }, maxConcurrent: null },
    });
    expect(model).toMatchObject({ baseUrl: null, params: { stream_options: null } });
    const agent = await api.created('/agents', {
      ...{ name: 'Nulls', kind: 'llm', instructions: '', modelId: model.id, tools: [] },
      ...{ fallbackModelId: null, limits: { timeoutSeconds: 30 } },
    });
    expect(agent).toMatchObject({ fallbackModelId: null, modelId: model.id });
    const channel = await api.created('/channels', {
      ...{ name: 'Nulls', clientId: 'nulls', clientSecret: 's', robotCode: null },
      ...{ defaultAgentId: agent.id, defaultModelId: null, organizationId: null, callback: null },
    });
    expect(channel).toMatchObject({ robotCode: null, defaultAgentId: agent.id });
    await api.created('/organizations', {
      ...{ corpId: 'nulls', name: 'Nulls', edition: 'pro', apiCallsPerMonth: null },
    });
    await api.created('/api-keys', { name: 'Nulls', role: 'viewer', expiresAt: null });
    expect((await api.post('/agents', { name: null, kind: 'llm' })).status).toBe(400);
  });

  it('content rules find something', async () => {
    const rule = { name: 'R', direction: 'both', action: 'mask', kinds: ['phone'] };
    expect(await api.created('/content-rules', rule)).toMatchObject({ ...rule, words: [] });
    expect((await api.post('/content-rules', { ...rule, kinds: [] })).status).toBe(400);
  });

  it('content findings say which rule met which turn, newest first', async () => {
    const rule = { name: 'no bells', direction: 'in', action: 'deny', words: ['bell'] };
    const { id } = await api.created('/content-rules', rule);
    const conversation = await aConversation(api);
    const { channelId } = conversation;
    const turnId = await aTurn(api, conversation, { state: 'active' });
    for (const hits of [1, 2])
      await api.sql(
        `INSERT INTO content_finding (tenant_id, turn_id, rule_id, direction, action, hits)
          SELECT tenant_id, id, $2, 'in', 'deny', $3 FROM turn WHERE id = $1`,
        [turnId, id, hits],
      );

    const first = await api.get(`/content-rules/findings?ruleId=${String(id)}&limit=1`);
    expect(first.body.items).toMatchObject([
      { ruleId: id, ruleName: 'no bells', turnId, channelId, action: 'deny', hits: 2 },
    ]);
    const cursor = encodeURIComponent(String(first.body.nextCursor));
    const next = await api.get(
      `/content-rules/findings?ruleId=${String(id)}&limit=1&cursor=${cursor}`,
    );
    expect([next.body.items[0]?.hits, next.body.nextCursor]).toEqual([1, null]);
    const other = await api.get(`/content-rules/findings?turnId=${randomUUID()}`);
    expect(other.body.items).toEqual([]);
  });

  it('usage is summed as asked, and none of another tenant', async () => {
    const channel = await api.channel();
    const [member, other] = [randomUUID(), randomUUID()];
    for (const id of [member, other])
      await api.sql('INSERT INTO member (id, tenant_id) SELECT $1, id FROM tenant LIMIT 1', [id]);
    const add = (who: string, daysAgo: number, tokens: number) =>
      api.sql(
        `INSERT INTO usage_day (tenant_id, day, channel_id, member_id, attempts, turns, input_tokens, counted_tokens, cost)
          SELECT tenant_id, (now() AT TIME ZONE 'Asia/Shanghai')::date - $3::int, $1, $2, 2, 1, $4, $4, 0.5 FROM channel WHERE id = $1`,
        [channel.id, who, daysAgo, tokens],
      );
    await add(member, 0, 10);
    await add(member, 1, 20);
    await add(other, 0, 5);

    const byMember = await api.get(`/usage?groupBy=member&channelId=${channel.id}`);
    expect(
      byMember.body.items.map((one: { memberId: string; inputTokens: number; day: null }) => [
        one.memberId,
        one.inputTokens,
        one.day,
      ]),
    ).toEqual(
      expect.arrayContaining([
        [member, 30, null],
        [other, 5, null],
      ]),
    );
    const byDay = await api.get('/usage?groupBy=day,channel');
    expect(byDay.body.items).toMatchObject([
      { channelId: channel.id, inputTokens: 20, turns: 1 },
      { channelId: channel.id, inputTokens: 15, turns: 2, attempts: 4, cost: 1 },
    ]);
    await api.sql(`UPDATE member SET attributes = '{"departments":["7","8"]}' WHERE id = $1`, [
      member,
    ]);
    const byDepartment = await api.get(`/usage?groupBy=department&channelId=${channel.id}`);
    expect(byDepartment.body.items).toMatchObject([
      { department: '7', inputTokens: 30, memberId: null },
      { department: '8', inputTokens: 30 },
      { department: null, inputTokens: 5 },
    ]);
    const ofOne = await api.get('/usage?groupBy=member,day&department=8');
    expect(ofOne.body.items).toMatchObject([
      { memberId: member, inputTokens: 20, department: null },
      { memberId: member, inputTokens: 10 },
    ]);
    expect((await api.get('/usage?groupBy=colour')).status).toBe(400);
    const tenant = await api.created('/tenants', { name: 'T', slug: 't-usage' });
    expect((await api.get('/usage', { tenant: tenant.id as string })).body.items).toEqual([]);
  });
});
