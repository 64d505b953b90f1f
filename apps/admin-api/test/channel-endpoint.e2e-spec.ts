import { RunningAdminApi } from './admin-api.fixture';

describe('the platform of a channel', () => {
  let api: RunningAdminApi;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  it('merges the platform that a channel names itself, and takes it away', async () => {
    const apiUrl = 'https://api.dingtalk.io';
    const oapiUrl = 'https://oapi.dingtalk.io';
    const channel = await api.channel({ endpoint: { apiUrl } });
    expect(channel.endpoint).toEqual({ apiUrl });
    const path = `/channels/${channel.id}`;
    const endpointAfter = async (patch: object) => (await api.patch(path, patch)).body.endpoint;

    expect(await endpointAfter({ endpoint: { oapiUrl } })).toEqual({ apiUrl, oapiUrl });
    expect(await endpointAfter({ name: 'Abroad' })).toEqual({ apiUrl, oapiUrl });
    expect(await endpointAfter({ endpoint: { apiUrl: null } })).toEqual({ oapiUrl });
    expect(await endpointAfter({ endpoint: { oapiUrl: null } })).toBeNull();
    await endpointAfter({ endpoint: { apiUrl } });
    expect(await endpointAfter({ endpoint: null })).toBeNull();
    expect((await api.channel({})).endpoint).toBeNull();
  });

  it('lets a channel’s platform be inside only when a platform key wrote it, and never link-local', async () => {
    const { key } = await api.created('/api-keys', { name: 'channel admin', role: 'admin' });
    const inside = { apiUrl: 'http://10.0.0.1' };
    const ours = await api.channel({ endpoint: inside });
    const path = `/channels/${ours.id}`;
    const trust = async () =>
      (await api.sql('SELECT trusted_endpoint FROM channel WHERE id = $1', [ours.id]))[0];

    const refused = await api.patch(path, { endpoint: { oapiUrl: 'http://10.0.0.2' } }, { key });
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toMatchObject([
      { path: 'endpoint.apiUrl' },
      { path: 'endpoint.oapiUrl' },
    ]);
    expect((await api.patch(path, { name: 'Renamed' }, { key })).status).toBe(200);
    expect(await trust()).toEqual({ trusted_endpoint: true });
    for (const apiUrl of ['http://169.254.169.254', 'ftp://x.example', 'https://u:p@x.example'])
      expect((await api.patch(path, { endpoint: { apiUrl } })).body).toMatchObject({
        code: 'invalid_input',
        errors: [{ path: 'endpoint.apiUrl' }],
      });
    const moved = { endpoint: { apiUrl: 'https://api.dingtalk.io' }, clientSecret: 'known' };
    expect((await api.patch(path, moved, { key })).status).toBe(200);
    expect(await trust()).toEqual({ trusted_endpoint: false });
  });
});
