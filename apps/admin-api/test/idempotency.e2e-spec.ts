import { RunningAdminApi } from './admin-api.fixture';

describe('Idempotency-Key', () => {
  let api: RunningAdminApi;
  const agent = { name: 'Once', kind: 'demo' };
  const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  const agentsNamed = async (name: string) =>
    (await api.sql('SELECT id FROM agent WHERE name = $1', [name])).length;

  it('does the same request once and answers it alike', async () => {
    const first = await api.post('/agents', agent, withKey('k1'));
    const again = await api.post('/agents', agent, withKey('k1'));

    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await agentsNamed('Once')).toBe(1);
  });

  it('refuses the key for another request', async () => {
    await api.post('/agents', agent, withKey('k2'));
    const other = await api.post('/agents', { ...agent, name: 'Else' }, withKey('k2'));

    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect(await agentsNamed('Else')).toBe(0);
  });

  it('does a crowd of equal requests once', async () => {
    const body = { name: 'Crowd', kind: 'demo' };
    const crowd = Array.from({ length: 8 }, () => api.post('/agents', body, withKey('k3')));
    const answers = await Promise.all(crowd);

    expect(await agentsNamed('Crowd')).toBe(1);
    for (const { status, body: answer } of answers)
      expect(status === 201 || answer.code === 'idempotency_key_in_use').toBe(true);
    expect((await api.post('/agents', body, withKey('k3'))).status).toBe(201);
    expect(await agentsNamed('Crowd')).toBe(1);
  });

  it('answers 409 while the first request is still running', async () => {
    const first = await api.post('/agents', agent, withKey('k4'));
    await api.sql(`UPDATE idempotency_key SET status = NULL, body = NULL WHERE key = 'k4'`);

    const second = await api.post('/agents', agent, withKey('k4'));

    expect(first.status).toBe(201);
    expect([second.status, second.body.code]).toEqual([409, 'idempotency_key_in_use']);
  });

  it('frees the key when the request failed', async () => {
    const taken = await api.channel();
    const body = { name: 'C', clientId: taken.clientId, clientSecret: 's' };

    expect((await api.post('/channels', body, withKey('k5'))).status).toBe(409);
    await api.delete(`/channels/${taken.id}`);
    expect((await api.post('/channels', body, withKey('k5'))).status).toBe(201);
  });

  it('keeps answers sealed: one of them is a key', async () => {
    const body = { name: 'K', role: 'viewer' };
    const first = await api.post('/api-keys', body, withKey('k6'));
    const again = await api.post('/api-keys', body, withKey('k6'));

    expect(again.body.key).toBe(first.body.key);
    const stored = JSON.stringify(await api.sql('SELECT * FROM idempotency_key'));
    expect(stored).not.toContain(first.body.key);
  });

  it('keeps the answers of one caller from the next', async () => {
    const { key } = await api.created('/api-keys', { name: 'Other', role: 'admin' });
    const ours = await api.post('/agents', agent, withKey('k7'));
    const theirs = await api.post('/agents', agent, { ...withKey('k7'), key });

    expect(theirs.body.id).not.toBe(ours.body.id);
  });

  it('replays deletions and switches, too', async () => {
    const { id } = await api.channel();
    const off = () => api.post(`/channels/${id}/disable`, undefined, withKey('k8'));
    const gone = () => api.delete(`/channels/${id}`, withKey('k9'));

    expect((await off()).body).toMatchObject({ state: 'disabled' });
    expect((await off()).body).toMatchObject({ state: 'disabled' });
    expect([(await gone()).status, (await gone()).status]).toEqual([204, 204]);
  });

  it('refuses a key that is none', async () => {
    const answer = await api.post('/agents', agent, withKey('x'.repeat(201)));

    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_idempotency_key']);
  });
});
