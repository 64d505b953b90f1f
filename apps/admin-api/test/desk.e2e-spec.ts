import { randomUUID } from 'node:crypto';

import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn, type Conversation } from './conversation.fixture';

describe('what an operator looks up', () => {
  let api: RunningAdminApi;
  let where: Conversation;
  let stranger: string;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
    where = await aConversation(api);
    const tenant = await api.created('/tenants', { name: 'Other', slug: 'other' });
    stranger = tenant.id as string;
  });
  afterAll(() => api.stop());

  describe('messages', () => {
    beforeAll(async () => {
      for (const question of ['请问年假怎么申请？', 'What about 100% of it?', 'under_score'])
        await aTurn(api, where, { state: 'queued', question });
    });

    const found = async (query: string) => {
      const { body } = await api.get(`/messages?${query}`);
      return (body.items as { text: string }[]).map(({ text }) => text);
    };

    it('are found by a part of their text: Chinese, any case, signs as they are', async () => {
      expect(await found(`q=${encodeURIComponent('年假')}`)).toEqual(['请问年假怎么申请？']);
      expect(await found('q=WHAT%20about')).toEqual(['What about 100% of it?']);
      expect(await found('q=100%25')).toEqual(['What about 100% of it?']);
      expect(await found('q=r_s')).toEqual(['under_score']);
      expect(await found('q=nowhere')).toEqual([]);
    });

    it('are found by whose they are, and no other tenant sees them', async () => {
      const { sessionId, memberId, channelId } = where;
      expect(await found(`sessionId=${sessionId}&memberId=${memberId}&role=user`)).toHaveLength(3);
      expect(await found(`channelId=${channelId}&since=2999-01-01T00:00:00Z`)).toEqual([]);
      expect(await found(`memberId=${randomUUID()}`)).toEqual([]);
      expect((await api.get('/messages', { tenant: stranger })).body.items).toEqual([]);
      expect((await api.get('/messages?q=%00')).status).toBe(400);
    });

    it('are paged newest first, and taken out whole as NDJSON', async () => {
      const first = await api.get('/messages?limit=2');
      const second = await api.get(`/messages?limit=2&cursor=${first.body.nextCursor}`);
      const paged = [...first.body.items, ...second.body.items];
      expect(paged.map(({ text }) => text)).toEqual(await found('limit=200'));
      expect(second.body.nextCursor).toBeNull();

      const exported = await api.get('/messages/export');
      expect(exported.headers.get('content-type')).toBe('application/x-ndjson');
      const lines = exported.text.trim().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual(paged);
      expect((await api.get('/messages/export', { tenant: stranger })).text).toBe('');
    });

    it('beyond one window are found by going on, and an export leaves none out', async () => {
      const there = await aConversation(api);
      await aTurn(api, there, { state: 'queued', question: 'The needle' });
      await api.sql(
        `INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text, created_at)
          SELECT gen_random_uuid(), m.tenant_id, m.session_id, m.turn_id, 1, 'assistant', 'hay', now() + interval '1 s' * n
          FROM message m, generate_series(1, 20000) n WHERE m.session_id = $1 AND m.role = 'user'`,
        [there.sessionId],
      );
      const query = `/messages?q=needle&sessionId=${there.sessionId}`;
      const first = await api.get(query);
      expect([first.body.items, first.body.nextCursor]).toEqual([[], expect.any(String)]);
      const second = await api.get(`${query}&cursor=${first.body.nextCursor}`);
      expect(second.body).toMatchObject({ items: [{ text: 'The needle' }], nextCursor: null });
      const { text } = await api.get(`/messages/export?sessionId=${there.sessionId}`);
      expect(text.trim().split('\n')).toHaveLength(20_001);
    });
  });

  it('sessions by title and by who talks in which group', async () => {
    await api.sql(`UPDATE session SET title = '报销流程' WHERE id = $1`, [where.sessionId]);

    for (const q of ['报销', 'zhang', 'TEAM']) {
      const { body } = await api.get(
        `/sessions?q=${encodeURIComponent(q)}&channelId=${where.channelId}`,
      );
      expect([q, body.items.map(({ id }: { id: string }) => id)]).toEqual([q, [where.sessionId]]);
    }
    expect((await api.get('/sessions?q=nobody')).body).toEqual({ items: [], nextCursor: null });
  });

  it('connections by gateway: what a silent one said is no longer so', async () => {
    const [live, silent] = [randomUUID(), randomUUID()];
    await api.sql(
      `INSERT INTO incarnation (id, service, host, pid, seen_at)
        VALUES ($1, 'gateway', 'h', 1, now() + interval '1 hour'), ($2, 'gateway', 'h', 2, now() - interval '9 s')`,
      [live, silent],
    );
    await api.sql(
      `INSERT INTO channel_connection (tenant_id, channel_id, gateway_id, state, code, message, connected_at)
        SELECT $1, $2, g, 'connected', 'connected', 'm', now() FROM unnest($3::uuid[]) g`,
      [where.tenantId, where.channelId, [live, silent]],
    );

    const { body } = await api.get('/connections');
    expect(body.items).toHaveLength(2);
    expect(body.items).toContainEqual(
      expect.objectContaining({ gatewayId: live, channelId: where.channelId, live: true }),
    );
    expect((await api.get(`/connections?gatewayId=${silent}`)).body.items).toMatchObject([
      { gatewayId: silent, live: false },
    ]);
    expect((await api.get('/connections?state=disconnected')).body.items).toEqual([]);
    const gateways = await api.get('/connections/gateways');
    expect(gateways.body.items).toContainEqual(
      expect.objectContaining({ id: live, live: true, channels: 1, connected: 1 }),
    );
    expect((await api.get('/connections', { tenant: stranger })).body.items).toEqual([]);
  });

  it('the installation: versions, stores and processes; hosts are for the platform', async () => {
    const { body } = await api.get('/system/info');
    expect(body).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      postgres: { ok: true, version: expect.stringMatching(/^\d+/) },
      redis: { ok: true, maxmemoryPolicy: 'noeviction' },
    });
    expect(body.schema.version).toBe(body.schema.needed);
    expect(body.processes[0]).toMatchObject({ service: 'gateway', host: 'h' });

    const { key } = await api.created('/api-keys', { name: 'T', role: 'viewer' });
    const seen = await api.get('/system/info', { key });
    expect(seen.body.processes[0]).toMatchObject({ service: 'gateway', host: null, pid: null });
  });
});
