import { RunningAdminApi } from './admin-api.fixture';

describe('P8 a stored secret and the address it is sent to', () => {
  let api: RunningAdminApi;
  let key: string;
  const elsewhere = 'https://elsewhere.example/v1';

  beforeAll(async () => {
    api = await RunningAdminApi.start();
    ({ key } = await api.created('/api-keys', { name: 'tenant admin', role: 'admin' }));
  });
  afterAll(() => api.stop());

  const missing = async (path: string, patch: object): Promise<unknown> => {
    const { status, body } = await api.patch(path, patch, { key });
    return status === 400 ? body.errors.map((error: { path: string }) => error.path) : status;
  };

  it('moves no channel to another platform without its client secret', async () => {
    const { id } = await api.channel({});
    const path = `/channels/${id}`;
    const endpoint = { apiUrl: 'https://api.dingtalk.io' };

    expect(await missing(path, { endpoint })).toEqual(['clientSecret']);
    await api.post(`${path}/secrets`, { clientSecret: 'being tried' });
    expect(await missing(path, { endpoint, clientSecret: 'known' })).toEqual(['pendingSecret']);
    await api.call('DELETE', `${path}/secrets`);
    expect(await missing(path, { endpoint, clientSecret: 'known' })).toBe(200);
    expect(await missing(path, { endpoint: null })).toBe(200);
    expect((await api.patch(path, { endpoint })).status).toBe(200);
  });

  it('moves no model to another address without key and headers', async () => {
    const { id } = await api.created('/models', {
      name: 'guarded',
      provider: 'openai-compatible',
      baseUrl: 'https://models.example/v1',
      upstreamModel: 'm',
      apiKey: 'sk-secret',
      headers: { 'x-token': 'secret' },
    });
    const path = `/models/${id}`;

    expect(await missing(path, { baseUrl: elsewhere })).toEqual(['apiKey', 'headers']);
    expect(await missing(path, { baseUrl: elsewhere, apiKey: 'mine' })).toEqual(['headers']);
    expect(await missing(path, { baseUrl: elsewhere, apiKey: null, headers: null })).toBe(200);
    expect(await missing(path, { baseUrl: 'https://third.example/v1' })).toBe(200);
  });

  it('moves no tool server and no agent without theirs', async () => {
    const server = await api.created('/tool-servers', {
      name: 'guarded',
      transport: 'http',
      url: 'https://tools.example/mcp',
      headers: { authorization: 'secret' },
    });
    expect(await missing(`/tool-servers/${server.id}`, { url: elsewhere })).toEqual(['headers']);

    const agent = await api.created('/agents', {
      name: 'guarded',
      kind: 'http',
      url: 'https://agent.example/ask',
      secret: 'signing secret of the agent',
    });
    const path = `/agents/${agent.id}`;
    expect(await missing(path, { url: elsewhere })).toEqual(['secret']);
    // The key that only signed would travel itself.
    expect(await missing(path, { kind: 'dify' })).toEqual(['secret']);
    expect(await missing(path, { url: elsewhere, secret: 'mine, and long enough' })).toBe(200);
  });
});
