import { SecretBox } from '@common/kernel';

import { RunningAdminApi, type Row } from './admin-api.fixture';

const AES_KEY = 'a'.repeat(43);
const DAY_MS = 24 * 3_600_000;

describe('secrets that change while the channel runs', () => {
  let api: RunningAdminApi;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  const rowOf = async (id: string): Promise<Row> => {
    const [row] = await api.sql('SELECT * FROM channel WHERE id = $1', [id]);
    return row ?? {};
  };
  const opened = (sealed: unknown): string => api.use(SecretBox).openText(sealed as Buffer);

  describe('the client secret', () => {
    it('waits beside the present one, unseen, and says that it does', async () => {
      const channel = await api.channel();
      expect(channel.pendingSecret).toBeNull();

      const answer = await api.post(`/channels/${channel.id}/secrets`, {
        clientSecret: 'planted-next-secret',
      });

      expect(answer.status).toBe(201);
      expect(answer.body.pendingSecret).toMatchObject({ tries: 0, lastError: null });
      const status = await api.get(`/channels/${channel.id}/status`);
      expect(status.body.pendingSecret.since).toBe(answer.body.pendingSecret.since);
      const row = await rowOf(channel.id as string);
      expect(opened(row.pending_secret)).toBe('planted-next-secret');
      expect(opened(row.client_secret)).toBe('planted-client-secret');
      const audit = JSON.stringify(await api.sql('SELECT * FROM audit_log'));
      for (const text of [answer.text, status.text, audit, ...api.logLines])
        expect(text).not.toContain('planted-next');
      expect(audit).toContain('channel.secret-pending');
    });

    it.each([['secrets'], ['secrets/pending']])('is dropped by DELETE %s', async (path) => {
      const channel = await api.channel();
      await api.post(`/channels/${channel.id}/secrets`, { clientSecret: 'next' });

      expect((await api.delete(`/channels/${channel.id}/${path}`)).status).toBe(204);

      expect((await api.get(`/channels/${channel.id}`)).body.pendingSecret).toBeNull();
      expect((await rowOf(channel.id as string)).pending_secret).toBeNull();
    });

    it('gives way to one that is written outright', async () => {
      const channel = await api.channel();
      await api.post(`/channels/${channel.id}/secrets`, { clientSecret: 'next' });

      const patched = await api.patch(`/channels/${channel.id}`, { clientSecret: 'outright' });

      expect(patched.body.pendingSecret).toBeNull();
      const row = await rowOf(channel.id as string);
      expect(opened(row.client_secret)).toBe('outright');
      expect(row.pending_secret).toBeNull();
    });

    it('is refused for no channel, without a value, and from a viewer', async () => {
      const channel = await api.channel();
      const viewer = await api.created('/api-keys', { name: 'V', role: 'viewer' });
      const nobody = '0190a000-0000-7000-8000-00000000dead';
      const next = { clientSecret: 'next' };

      expect((await api.post(`/channels/${nobody}/secrets`, next)).status).toBe(404);
      expect((await api.delete(`/channels/${nobody}/secrets`)).status).toBe(404);
      expect((await api.post(`/channels/${channel.id}/secrets`, {})).status).toBe(400);
      const asViewer = { key: viewer.key as string };
      const refused = await api.post(`/channels/${channel.id}/secrets`, next, asViewer);
      expect(refused.status).toBe(403);
    });
  });

  describe('the callback pair', () => {
    const callback = { token: 'firsttoken', aesKey: AES_KEY };

    it('E103 keeps the pair before for a day when it changes', async () => {
      const channel = await api.channel({ callback });
      expect(channel.callback.previousUntil).toBeNull();

      const changed = await api.patch(`/channels/${channel.id}`, {
        callback: { token: 'secondtoken' },
      });

      const leftMs = Date.parse(changed.body.callback.previousUntil as string) - Date.now();
      expect(leftMs).toBeGreaterThan(DAY_MS - 60_000);
      expect(leftMs).toBeLessThanOrEqual(DAY_MS + 60_000);
      const row = await rowOf(channel.id as string);
      expect(JSON.parse(opened(row.callback))).toEqual({ token: 'secondtoken', aesKey: AES_KEY });
      expect(JSON.parse(opened(row.callback_previous))).toEqual(callback);
    });

    it('keeps it when something else changes, and forgets it when told so', async () => {
      const channel = await api.channel({ callback });
      await api.patch(`/channels/${channel.id}`, { callback: { token: 'secondtoken' } });

      const other = await api.patch(`/channels/${channel.id}`, {
        name: 'Other',
        callback: { apiSecret: 'planted-api-secret' },
      });
      expect(other.body.callback).toMatchObject({ apiSecretSet: true });
      expect(other.body.callback.previousUntil).not.toBeNull();
      expect(other.text).not.toContain('planted');

      const told = await api.patch(`/channels/${channel.id}`, { callback: { previous: null } });
      expect(told.body.callback).toMatchObject({ tokenSet: true, previousUntil: null });

      const removed = await api.patch(`/channels/${channel.id}`, { callback: null });
      expect(removed.body.callback).toEqual({
        tokenSet: false,
        aesKeySet: false,
        apiSecretSet: false,
        previousUntil: null,
      });
      const row = await rowOf(channel.id as string);
      expect([row.callback, row.callback_previous]).toEqual([null, null]);
    });

    it.each([
      ['42 characters', { token: 't', aesKey: 'a'.repeat(42) }, 'callback.aesKey'],
      ['44 characters', { token: 't', aesKey: 'a'.repeat(44) }, 'callback.aesKey'],
      ['a blank in the token', { token: 'a b', aesKey: AES_KEY }, 'callback.token'],
      ['only half of the pair', { token: 'abc' }, 'callback.aesKey'],
    ])('E95 refuses %s', async (_name, wrong, path) => {
      const answer = await api.post('/channels', {
        name: 'C',
        clientId: 'dingwrong',
        clientSecret: 's',
        callback: wrong,
      });
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toMatchObject([{ path }]);
    });
  });
});
