import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn } from './conversation.fixture';

describe('versions of agents', () => {
  let api: RunningAdminApi;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  const anAgent = (fields: object = {}) =>
    api.created('/agents', { name: 'A', kind: 'llm', instructions: 'one', ...fields });

  it('lists every change, newest first, with whose key made it', async () => {
    const { id } = await anAgent();
    await api.patch(`/agents/${id}`, { instructions: 'two' });
    await api.patch(`/agents/${id}`, { name: 'Only a name' });

    const { body } = await api.get(`/agents/${id}/versions`);
    expect(body.items).toMatchObject([
      { version: 2, instructions: 'two', current: true, createdBy: 'bootstrap key' },
      { version: 1, instructions: 'one', current: false },
    ]);
    const first = await api.get(`/agents/${id}/versions?limit=1`);
    const second = await api.get(`/agents/${id}/versions?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body.items).toMatchObject([{ version: 1 }]);
    expect(second.body.nextCursor).toBeNull();
  });

  it('says what a version changed, of a secret only that it did', async () => {
    const agent = { kind: 'http', url: 'https://agents.example/ask', secret: 'planted-one' };
    const { id } = await anAgent(agent);
    await api.patch(`/agents/${id}`, { secret: 'planted-two', instructions: 'two' });

    const { body, text } = await api.get(`/agents/${id}/versions/2/diff`);
    expect(body).toEqual({
      from: 1,
      to: 2,
      changes: [
        { path: 'instructions', before: 'one', after: 'two' },
        { path: 'secret', before: true, after: true },
      ],
    });
    expect(text).not.toContain('planted');
    const back = await api.get(`/agents/${id}/versions/1/diff?with=2`);
    expect(back.body.changes[0]).toMatchObject({ before: 'two', after: 'one' });
    expect((await api.get(`/agents/${id}/versions/1/diff`)).body.changes).toEqual([]);
  });

  it('rolls back by pointing to the older version, and counts on from the newest', async () => {
    const { id } = await anAgent();
    await api.patch(`/agents/${id}`, { instructions: 'two' });

    const rolled = await api.post(`/agents/${id}/versions/1/activate`);
    expect(rolled.body).toMatchObject({ version: 1, instructions: 'one' });
    const twice = await api.post(`/agents/${id}/versions/1/activate`);
    expect(twice.body.revision).toBe(rolled.body.revision);
    const next = await api.patch(`/agents/${id}`, { instructions: 'three' });
    expect(next.body).toMatchObject({ version: 3, instructions: 'three' });
    const audit = await api.sql(`SELECT before, after FROM audit_log WHERE action = $1`, [
      'agent.activate',
    ]);
    expect(audit[0]).toMatchObject({ before: { version: 2 }, after: { version: 1 } });
  });

  it('prepares a version that answers nobody until it is activated', async () => {
    const { id } = await anAgent();
    const prepared = await api.post(`/agents/${id}/versions`, { instructions: 'new' });

    expect([prepared.status, prepared.body]).toMatchObject([
      201,
      { version: 2, current: false, instructions: 'new' },
    ]);
    expect((await api.get(`/agents/${id}`)).body).toMatchObject({ version: 1 });
    await api.post(`/agents/${id}/versions/2/activate`);
    expect((await api.get(`/agents/${id}`)).body.currentVersionId).toBe(prepared.body.id);
  });

  it('activates nothing that leads nowhere, and no older state than was read', async () => {
    const model = await api.created('/models', { name: 'M', provider: 'demo' });
    const { id } = await anAgent({ modelId: model.id });
    await api.patch(`/agents/${id}`, { modelId: null });
    await api.delete(`/models/${model.id}`);

    const gone = await api.post(`/agents/${id}/versions/1/activate`);
    expect([gone.status, gone.body.errors?.[0].path]).toEqual([400, 'modelId']);
    expect((await api.post(`/agents/${id}/versions/9/activate`)).status).toBe(404);
    expect((await api.get(`/agents/${id}/versions/x`)).status).toBe(404);
    const late = await api.post(`/agents/${id}/versions/2/activate`, undefined, {
      headers: { 'if-match': '"1"' },
    });
    expect([late.status, late.body.code]).toEqual([412, 'revision_mismatch']);
  });

  it('lets only a platform key bring back an address that only a platform key may write', async () => {
    const { key } = await api.created('/api-keys', { name: 'T', role: 'admin' });
    const { id } = await anAgent({ kind: 'http', url: 'http://127.0.0.1:9/ask' });
    await api.patch(`/agents/${id}`, { url: 'https://agents.example/ask' });

    const refused = await api.post(`/agents/${id}/versions/1/activate`, undefined, { key });
    expect([refused.status, refused.body.code]).toEqual([403, 'platform_key_required']);
    const { id: channelId } = await api.channel({ defaultAgentId: id });
    const canary = { canary: { version: 1, percent: 5 } };
    expect((await api.patch(`/channels/${channelId}`, canary, { key })).status).toBe(403);
    expect((await api.patch(`/channels/${channelId}`, canary)).status).toBe(200);
    expect((await api.patch(`/channels/${channelId}`, { name: 'N' }, { key })).status).toBe(200);
    expect((await api.post(`/agents/${id}/versions/1/activate`)).status).toBe(200);
  });

  describe('as canaries', () => {
    /** The version that each of these sessions would be answered by. */
    const versionsOf = async (channelId: string, current: string, sessions: number) => {
      const rows = await api.sql<{ version: string }>(
        `SELECT version_for_session(c.tenant_id, c.id, md5(n::text)::uuid, $2) AS version
          FROM channel c, generate_series(1, $3::int) n WHERE c.id = $1 ORDER BY n`,
        [channelId, current, sessions],
      );
      return rows.map(({ version }) => version);
    };

    it('answer a share of the sessions of a channel, always the same ones', async () => {
      const agent = await anAgent();
      const canary = (await api.post(`/agents/${agent.id}/versions`, { instructions: 'new' })).body;
      const channel = await api.channel({
        defaultAgentId: agent.id,
        canary: { version: 2, percent: 30 },
      });
      expect(channel.canary).toEqual({ version: 2, percent: 30 });

      const at30 = await versionsOf(channel.id, agent.currentVersionId, 1_000);
      const share = at30.filter((id) => id === canary.id).length / 10;
      expect(share).toBeGreaterThan(24);
      expect(share).toBeLessThan(36);
      expect(new Set(at30)).toEqual(new Set([canary.id, agent.currentVersionId]));
      expect(await versionsOf(channel.id, agent.currentVersionId, 1_000)).toEqual(at30);

      // Whoever had the new one keeps it when the share is raised.
      await api.patch(`/channels/${channel.id}`, { canary: { percent: 60 } });
      const at60 = await versionsOf(channel.id, agent.currentVersionId, 1_000);
      expect(at30.every((id, n) => id !== canary.id || at60[n] === canary.id)).toBe(true);
    });

    it('end with the default agent, by null, and mean versions of that agent only', async () => {
      const [one, other] = [await anAgent(), await anAgent()];
      await api.post(`/agents/${one.id}/versions`, { instructions: 'new' });
      const unknown = await api.post('/channels', {
        name: 'N',
        clientId: 'canary-of-nobody',
        clientSecret: 's',
        defaultAgentId: other.id,
        canary: { version: 2, percent: 10 },
      });
      expect(unknown.body.errors).toMatchObject([{ path: 'canary.version' }]);

      const wish = { defaultAgentId: one.id, canary: { version: 2, percent: 10 } };
      const { id } = await api.channel(wish);
      const moved = await api.patch(`/channels/${id}`, { defaultAgentId: other.id });
      expect(moved.body.canary).toBeNull();
      await api.patch(`/channels/${id}`, wish);
      const ended = await api.patch(`/channels/${id}`, { canary: null });
      expect(ended.body).toMatchObject({ canary: null, defaultAgentId: one.id });
    });

    it('answer a question that is asked again, too; the turn says which version it was', async () => {
      const where = await aConversation(api);
      const channel = (await api.get(`/channels/${where.channelId}`)).body;
      const path = `/agents/${channel.defaultAgentId}/versions`;
      const { id } = (await api.post(path, { instructions: 'new' })).body;
      await api.patch(`/channels/${where.channelId}`, { canary: { version: 2, percent: 100 } });
      const failed = await aTurn(api, where, {
        state: 'failed',
        outcome: 'failed',
        delivery: 'delivered',
      });

      const again = await api.post(`/turns/${failed}/retry`);
      expect(again.body).toMatchObject({ retryOf: failed, agentVersionId: id });
      expect((await api.get(`/turns/${failed}`)).body.agentVersionId).toBe(where.versionId);
    });

    it('keep the models they ask', async () => {
      const model = await api.created('/models', { name: 'M', provider: 'demo' });
      const agent = await anAgent();
      await api.post(`/agents/${agent.id}/versions`, { modelId: model.id });
      await api.channel({ defaultAgentId: agent.id, canary: { version: 2, percent: 1 } });

      const refused = await api.delete(`/models/${model.id}`);
      expect([refused.status, refused.body.code]).toEqual([409, 'in_use']);
    });
  });
});
