import { randomUUID } from 'node:crypto';

import { RunningAdminApi } from './admin-api.fixture';

describe('configured resources', () => {
  let api: RunningAdminApi;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  it('gives a new channel the defaults of the contract', async () => {
    const channel = await api.channel({ name: 'Plain' });

    expect(channel).toMatchObject({
      type: 'dingtalk',
      enabled: true,
      locale: 'zh',
      card: { enabled: true, pace: 'balanced' },
      session: { scope: 'person', idleMinutes: 1440 },
      access: {},
      busy: 'queue',
      memberMapping: { mode: 'staff_id' },
      connections: 1,
      clientSecretSet: true,
      callback: { tokenSet: false, aesKeySet: false },
      defaultAgentId: null,
      revision: 1,
    });
  });

  it('names every wrong field of a body by its path', async () => {
    const answer = await api.post('/channels', {
      name: '',
      clientId: 'x',
      card: { pace: 'hasty', colour: 'red' },
      surprise: 1,
    });

    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid_input', title: 'Bad Request' });
    expect(answer.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      'card.colour',
      'card.pace',
      'clientSecret',
      'name',
      'surprise',
    ]);
    expect(answer.body.errors).toContainEqual({ path: 'surprise', message: 'unknown field' });
    expect(answer.body.errors).toContainEqual({ path: 'clientSecret', message: 'is required' });
  });

  it('merges a patch: null removes, the rest stays', async () => {
    const channel = await api.channel({
      robotCode: 'robot',
      card: { templateId: 'template', pace: 'off' },
    });

    const patched = await api.patch(`/channels/${channel.id}`, {
      robotCode: null,
      card: { templateId: null },
      busy: 'steer',
    });

    expect(patched.body).toMatchObject({
      name: 'Support',
      robotCode: null,
      card: { enabled: true, pace: 'off' },
      busy: 'steer',
      revision: 2,
    });
    expect(patched.body.card).not.toHaveProperty('templateId');
  });

  it('takes a patch as application/merge-patch+json, too', async () => {
    const channel = await api.channel();

    const patched = await api.patch(
      `/channels/${channel.id}`,
      { name: 'Renamed' },
      { headers: { 'content-type': 'application/merge-patch+json' } },
    );

    expect(patched.body).toMatchObject({ name: 'Renamed' });
  });

  it('puts a removed group of fields back to its defaults', async () => {
    const channel = await api.channel({ session: { scope: 'group', idleMinutes: 5 } });

    const patched = await api.patch(`/channels/${channel.id}`, { session: null });

    expect(patched.body.session).toEqual({ scope: 'person', idleMinutes: 1440 });
  });

  it('refuses a patch that names unknown fields or leaves a needed one empty', async () => {
    const channel = await api.channel();

    const unknown = await api.patch(`/channels/${channel.id}`, { card: { paice: 'off' } });
    const removed = await api.patch(`/channels/${channel.id}`, { name: null });
    const secret = await api.patch(`/channels/${channel.id}`, { clientSecret: null });

    expect(unknown.body.errors).toEqual([{ path: 'card.paice', message: 'unknown field' }]);
    expect(removed.body.errors).toEqual([{ path: 'name', message: 'is required' }]);
    expect(secret.body.errors).toEqual([{ path: 'clientSecret', message: 'cannot be removed' }]);
  });

  it('changes one half of the callback secrets and keeps the other', async () => {
    const aesKey = 'a'.repeat(43);
    const channel = await api.channel({ callback: { token: 'first', aesKey } });

    const patched = await api.patch(`/channels/${channel.id}`, { callback: { token: 'second' } });
    const removed = await api.patch(`/channels/${channel.id}`, { callback: null });

    expect(channel.callback).toMatchObject({ tokenSet: true, aesKeySet: true });
    expect(patched.body.callback).toMatchObject({ tokenSet: true, aesKeySet: true });
    expect(removed.body.callback).toMatchObject({ tokenSet: false, aesKeySet: false });
  });

  it('guards updates by revision when asked to', async () => {
    const channel = await api.channel();
    const read = await api.get(`/channels/${channel.id}`);
    const etag = String(read.headers.get('etag'));

    const first = await api.patch(
      `/channels/${channel.id}`,
      { name: 'One' },
      { headers: { 'if-match': etag } },
    );
    const late = await api.patch(
      `/channels/${channel.id}`,
      { name: 'Two' },
      { headers: { 'if-match': etag } },
    );
    const gone = await api.delete(`/channels/${channel.id}`, { headers: { 'if-match': etag } });

    expect(etag).toBe('"1"');
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"']);
    expect([late.status, late.body.code]).toEqual([412, 'revision_mismatch']);
    expect(gone.status).toBe(412);
    expect((await api.get(`/channels/${channel.id}`)).body.name).toBe('One');
  });

  it('walks a list page by page, each row once', async () => {
    const tenant = (await api.created('/tenants', { name: 'Pages', slug: 'pages' })).id;
    const ids: string[] = [];
    for (let n = 0; n < 5; n++)
      ids.push((await api.created('/agents', { name: `A${n}`, kind: 'demo' }, { tenant })).id);

    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await api.get(`/agents?limit=2${cursor && `&cursor=${cursor}`}`, { tenant });
      seen.push(...page.body.items.map((agent: { id: string }) => agent.id));
      cursor = page.body.nextCursor;
    }

    expect(seen).toEqual(ids);
  });

  it('refuses limits and cursors that it cannot read', async () => {
    for (const query of ['limit=201', 'limit=0', 'limit=x', 'cursor=abc', 'curser=x'])
      expect([query, (await api.get(`/agents?${query}`)).status]).toEqual([query, 400]);
  });

  it('makes a version of an agent for every change of behaviour, and only then', async () => {
    const agent = await api.created('/agents', { name: 'Versioned', kind: 'demo' });

    const renamed = await api.patch(`/agents/${agent.id}`, { name: 'Other name' });
    const changed = await api.patch(`/agents/${agent.id}`, { instructions: 'Be brief.' });

    expect(agent).toMatchObject({ version: 1, instructions: '', tools: [], limits: {} });
    expect(renamed.body).toMatchObject({ version: 1, currentVersionId: agent.currentVersionId });
    expect(changed.body).toMatchObject({ version: 2, instructions: 'Be brief.', kind: 'demo' });
    expect(changed.body.currentVersionId).not.toBe(agent.currentVersionId);
    const versions = await api.sql('SELECT version FROM agent_version WHERE agent_id = $1', [
      agent.id,
    ]);
    expect(versions).toHaveLength(2);
  });

  it('keeps what is in use', async () => {
    const model = await api.created('/models', { name: 'M', provider: 'demo' });
    const agent = await api.created('/agents', { name: 'A', kind: 'llm', modelId: model.id });
    const channel = await api.channel({ defaultAgentId: agent.id });

    expect((await api.delete(`/models/${model.id}`)).body.code).toBe('in_use');
    expect((await api.delete(`/agents/${agent.id}`)).body.code).toBe('in_use');
    expect((await api.delete(`/channels/${channel.id}`)).status).toBe(204);
    expect((await api.delete(`/agents/${agent.id}`)).status).toBe(204);
    expect((await api.delete(`/models/${model.id}`)).status).toBe(204);
    expect((await api.get(`/models/${model.id}`)).status).toBe(404);
  });

  it('refuses references to what is not there', async () => {
    const answer = await api.post('/agents', { name: 'A', kind: 'llm', modelId: randomUUID() });

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([{ path: 'modelId', message: 'there is no such model' }]);
  });

  it('asks for what a provider needs, and takes no credentials in an address', async () => {
    const bare = await api.post('/models', { name: 'M', provider: 'openai-compatible' });
    const leaky = await api.post('/models', {
      name: 'M',
      provider: 'openai-compatible',
      baseUrl: 'https://user:planted-password@models.example',
      upstreamModel: 'm',
    });

    expect(bare.body.errors.map((error: { path: string }) => error.path)).toEqual([
      'baseUrl',
      'upstreamModel',
    ]);
    expect(leaky.body.errors).toEqual([
      { path: 'baseUrl', message: 'must not contain credentials' },
    ]);
    expect(leaky.text).not.toContain('planted-password');
  });

  it('trusts a private model address only when a platform key wrote it', async () => {
    const model = { provider: 'openai-compatible', baseUrl: 'http://10.0.0.1', upstreamModel: 'm' };
    const { key } = await api.created('/api-keys', { name: 'tenant admin', role: 'admin' });
    const trustOf = async (id: string) =>
      (await api.sql('SELECT trusted_address FROM model WHERE id = $1', [id]))[0];

    const ours = await api.created('/models', { name: 'Ours', ...model });
    const theirs = await api.created('/models', { name: 'Theirs', ...model }, { key });
    await api.patch(`/models/${ours.id}`, { name: 'Renamed' }, { key });

    expect(await trustOf(ours.id)).toEqual({ trusted_address: true });
    expect(await trustOf(theirs.id)).toEqual({ trusted_address: false });
    await api.patch(`/models/${ours.id}`, { baseUrl: 'http://169.254.169.254' }, { key });
    expect(await trustOf(ours.id)).toEqual({ trusted_address: false });
  });

  it('connects a channel once or twice, as it is told', async () => {
    const channel = await api.channel({ connections: 2 });
    const patched = await api.patch(`/channels/${channel.id}`, { name: 'Still two' });
    const refused = await api.patch(`/channels/${channel.id}`, { connections: 3 });
    const back = await api.patch(`/channels/${channel.id}`, { connections: null });

    expect([channel.connections, patched.body.connections]).toEqual([2, 2]);
    expect(refused.status).toBe(400);
    expect(back.body.connections).toBe(1);
  });

  it('gives a client id to one channel of the whole installation', async () => {
    const tenant = (await api.created('/tenants', { name: 'Rival', slug: 'rival' })).id;
    const { id, clientId } = await api.channel({ name: 'First one here' });
    const wanted = { name: 'Second', clientId, clientSecret: 's' };

    const same = await api.post('/channels', wanted);
    const other = await api.post('/channels', wanted, { tenant });

    for (const answer of [same, other]) {
      expect([answer.status, answer.body.code]).toEqual([409, 'client_id_taken']);
      expect(answer.text).not.toContain('First one here');
    }
    expect(other.body.detail).toBe(same.body.detail);
    await api.delete(`/channels/${id}`);
    expect((await api.post('/channels', wanted, { tenant })).status).toBe(201);
  });

  it('keeps an organization per corp id', async () => {
    const fields = { corpId: 'dingcorp', name: 'Corp' };
    const organization = await api.created('/organizations', fields);

    expect(organization).toMatchObject({ edition: 'standard', apiCallsPerMonth: null });
    expect((await api.post('/organizations', fields)).body.code).toBe('corp_id_taken');
    const patched = await api.patch(`/organizations/${organization.id}`, { edition: 'pro' });
    expect(patched.body).toMatchObject({ edition: 'pro', corpId: 'dingcorp', revision: 2 });
    const channel = await api.channel({ organizationId: organization.id });
    const allowance = { apiCalls: { limit: 200_000, used: 0, refused: false }, pace: 'balanced' };
    expect((await api.get(`/channels/${channel.id}/status`)).body).toMatchObject({ allowance });
    expect((await api.get(`/organizations/${organization.id}`)).body).toMatchObject({
      allowance: { ...allowance, pace: 'smooth', messages: { limit: 50_000, inbound: 0 } },
    });
    expect((await api.delete(`/organizations/${organization.id}`)).body.code).toBe('in_use');
    await api.delete(`/channels/${channel.id}`);
    expect((await api.delete(`/organizations/${organization.id}`)).status).toBe(204);
  });

  it('makes an organization that was learned from a message the caller’s, and limits it from then on', async () => {
    const id = randomUUID();
    await api.sql(
      `INSERT INTO organization (id, tenant_id, corp_id, name, learned)
       SELECT $1, id, 'dinglearned', 'dinglearned', true FROM tenant WHERE slug = 'default'`,
      [id],
    );
    const channel = await api.channel({ organizationId: id });
    const before = (await api.get(`/channels/${channel.id}/status`)).body;

    const limits = { apiCallsPerMonth: 0, messagesPerMonth: 0 };
    const fields = { corpId: 'dinglearned', name: 'Ours', ...limits };
    const made = await api.created('/organizations', fields);

    expect(made).toMatchObject({ id, name: 'Ours', learned: false });
    expect(before.allowance).toMatchObject({ pace: 'balanced', apiCalls: { limit: 5_000 } });
    const after = (await api.get(`/channels/${channel.id}/status`)).body;
    expect(after.allowance).toMatchObject({ pace: 'exhausted' });
  });

  it('tells the other services of changes, after they are committed', async () => {
    const heard = await api.listen();

    const agent = await api.created('/agents', { name: 'Heard', kind: 'demo' });
    const channel = await api.channel({ defaultAgentId: agent.id });
    await api.patch(`/channels/${channel.id}`, { name: 'Changed' });
    await api.post(`/channels/${channel.id}/restart`);

    expect(heard).toEqual([
      { pattern: 'agent.changed', data: { agentId: agent.id } },
      { pattern: 'channel.changed', data: { channelId: channel.id } },
      { pattern: 'channel.changed', data: { channelId: channel.id } },
      { pattern: 'channel.restart', data: { channelId: channel.id } },
    ]);
  });

  it('writes an audit row with every change: who, what, before and after', async () => {
    const channel = await api.channel({ name: 'Audited' });
    await api.patch(
      `/channels/${channel.id}`,
      { name: 'Audited twice', clientSecret: 'planted-new-secret' },
      { headers: { 'x-correlation-id': 'audit-spec' } },
    );
    await api.delete(`/channels/${channel.id}`);

    const rows = await api.sql(
      `SELECT action, actor, before, after, correlation_id FROM audit_log WHERE resource_id = $1 ORDER BY id`,
      [channel.id],
    );
    expect(rows.map((row) => row.action)).toEqual([
      'channel.create',
      'channel.update',
      'channel.delete',
    ]);
    expect(rows[1]).toMatchObject({
      actor: { keyId: 'bootstrap', role: 'owner' },
      before: { name: 'Audited' },
      after: { name: 'Audited twice', secretsWritten: ['clientSecret'] },
      correlation_id: 'audit-spec',
    });
    expect(JSON.stringify(rows)).not.toContain('planted');
  });

  it('writes no audit row for a change that failed', async () => {
    const count = async () => (await api.sql('SELECT count(*) FROM audit_log'))[0]?.count;
    const { clientId } = await api.channel();
    const before = await count();

    await api.post('/channels', { name: 'X', clientId, clientSecret: 's' });

    expect(await count()).toBe(before);
  });
});
