import { RunningAdminApi } from './admin-api.fixture';

describe('keys, roles and tenants', () => {
  let api: RunningAdminApi;
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    api = await RunningAdminApi.start();
    for (const role of ['viewer', 'operator', 'admin', 'owner'])
      keys[role] = (await api.created('/api-keys', { name: `a ${role}`, role })).key;
  });
  afterAll(() => api.stop());

  it('answers nobody without a valid key', async () => {
    const none = await api.get('/channels', { key: null });
    const wrong = await api.get('/channels', { key: 'cak_not-one-of-ours' });
    const other = await api.get('/channels', { key: null, headers: { authorization: 'Basic x' } });

    for (const answer of [none, wrong, other]) {
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.headers.get('content-type')).toMatch(/problem\+json/);
    }
  });

  it('guards every documented route, however its path is spelled', async () => {
    const document = (await api.get('/api/openapi.json', { key: null })).body;
    const routes = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, operation]) => !(operation as Record<string, unknown>)['x-public'])
        .map(([method]) => ({ method, path: path.replace(/\{.*?\}/g, 'x') })),
    );

    expect(routes.length).toBeGreaterThan(40);
    for (const { method, path } of routes)
      for (const spelling of [path, path.replace('/v1', '/V1'), `${path}/`]) {
        const { status } = await api.call(method.toUpperCase(), spelling, { key: null });
        expect([method, spelling, status]).toEqual([method, spelling, 401]);
      }
  });

  it('lets each role do what it is for, and no more', async () => {
    const { id } = await api.channel();
    const agent = { name: 'A', kind: 'demo' };
    const attempts: [string, string, () => Promise<{ status: number }>][] = Object.entries(
      keys,
    ).flatMap(([role, key]) => [
      [role, 'read', () => api.get('/channels', { key })],
      [role, 'run', () => api.post(`/channels/${id}/disable`, undefined, { key })],
      [role, 'write', () => api.post('/agents', agent, { key })],
      [role, 'patch', () => api.patch(`/channels/${id}`, { name: 'B' }, { key })],
      [role, 'own', () => api.post('/api-keys', { name: 'k', role: 'viewer' }, { key })],
    ]);

    const allowed: Record<string, string[]> = {};
    for (const [role, deed, attempt] of attempts) {
      const { status } = await attempt();
      expect([role, deed, [200, 201, 403].includes(status)]).toEqual([role, deed, true]);
      if (status !== 403) (allowed[role] ??= []).push(deed);
    }
    expect(allowed).toEqual({
      viewer: ['read'],
      operator: ['read', 'run'],
      admin: ['read', 'run', 'write', 'patch'],
      owner: ['read', 'run', 'write', 'patch', 'own'],
    });
  });

  it('keeps for the platform what reaches across tenants', async () => {
    const key = keys.owner ?? '';
    const attempts = [
      await api.post('/tenants', { name: 'T', slug: 't' }, { key }),
      await api.post('/api-keys', { name: 'k', role: 'owner', scope: 'platform' }, { key }),
      await api.post('/queues/inbound/pause', undefined, { key }),
    ];

    for (const answer of attempts)
      expect([answer.status, answer.body.code]).toEqual([403, 'platform_key_required']);
  });

  it('shows a key once, and afterwards its prefix', async () => {
    const created = await api.created('/api-keys', { name: 'Once', role: 'viewer' });
    const read = await api.get(`/api-keys/${created.id}`);
    const list = await api.get('/api-keys');

    expect(created.key).toMatch(/^cak_[\w-]{43}$/);
    expect(created.key.startsWith(created.prefix)).toBe(true);
    expect(read.body).toMatchObject({ name: 'Once', role: 'viewer', scope: 'tenant' });
    expect(read.text + list.text).not.toContain(created.key);
    const stored = await api.sql('SELECT * FROM api_key WHERE id = $1', [created.id]);
    expect(JSON.stringify(stored)).not.toContain(created.key);
  });

  it('refuses a revoked key at once, and an expired one', async () => {
    const revoked = await api.created('/api-keys', { name: 'R', role: 'viewer' });
    const expired = await api.created('/api-keys', {
      name: 'E',
      role: 'viewer',
      expiresAt: '2020-01-01T00:00:00Z',
    });

    expect((await api.get('/channels', { key: revoked.key })).status).toBe(200);
    expect((await api.delete(`/api-keys/${revoked.id}`)).status).toBe(204);
    expect((await api.get('/channels', { key: revoked.key })).status).toBe(401);
    expect((await api.get('/channels', { key: expired.key })).status).toBe(401);
    expect((await api.get(`/api-keys/${revoked.id}`)).body.revokedAt).not.toBeNull();
  });

  it('takes a tenant by id or slug from a platform key, and `default` when none is named', async () => {
    const tenant = await api.created('/tenants', { name: 'Acme', slug: 'acme' });
    const channel = await api.channel({ name: 'Acme bot' }, { tenant: 'acme' });

    expect((await api.get(`/channels/${channel.id}`, { tenant: tenant.id })).status).toBe(200);
    expect((await api.get(`/channels/${channel.id}`, { tenant: 'acme' })).status).toBe(200);
    expect((await api.get(`/channels/${channel.id}`)).status).toBe(404);
    const unknown = await api.get('/channels', { tenant: 'nobody' });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'tenant_not_found']);
  });

  it('keeps a tenant’s key in its tenant', async () => {
    const { id: tenant } = await api.created('/tenants', { name: 'Own', slug: 'own' });
    const options = { tenant };
    const { key } = await api.created('/api-keys', { name: 'k', role: 'owner' }, options);
    const ours = await api.channel({}, options);
    const theirs = await api.channel();
    const agent = await api.created('/agents', { name: 'Theirs', kind: 'demo' });

    expect((await api.get(`/channels/${ours.id}`, { key })).status).toBe(200);
    expect((await api.get('/channels', { key, tenant: 'own' })).status).toBe(200);
    for (const named of ['default', 'nobody']) {
      const answer = await api.get('/channels', { key, tenant: named });
      expect([answer.status, answer.body.code]).toEqual([403, 'wrong_tenant']);
    }
    const attempts = [
      await api.get(`/channels/${theirs.id}`, { key }),
      await api.get(`/channels/${theirs.id}/status`, { key }),
      await api.patch(`/channels/${theirs.id}`, { name: 'Mine' }, { key }),
      await api.delete(`/channels/${theirs.id}`, { key }),
      await api.post(`/channels/${theirs.id}/disable`, undefined, { key }),
      await api.post(`/channels/${theirs.id}/test`, undefined, { key }),
      await api.get(`/agents/${agent.id}`, { key }),
      await api.get('/tenants/00000000-0000-4000-8000-000000000001', { key }),
    ];
    for (const answer of attempts)
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    const borrowed = await api.patch(`/channels/${ours.id}`, { defaultAgentId: agent.id }, { key });
    expect(borrowed.body.errors).toEqual([
      { path: 'defaultAgentId', message: 'there is no such agent' },
    ]);
    expect((await api.get('/tenants', { key })).body.items).toHaveLength(1);
    expect((await api.get('/channels', { key })).body.items).toHaveLength(1);
  });
});
