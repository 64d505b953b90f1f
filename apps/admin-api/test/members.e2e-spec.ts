import { newId } from '@common/kernel';

import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, type Conversation } from './conversation.fixture';

describe('people', () => {
  let api: RunningAdminApi;
  let where: Conversation;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    where = await aConversation(api);
    await api.sql(
      `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, 'staff', 'corp', $2, $3)`,
      [where.tenantId, where.memberId, where.memberId],
    );
  });

  describe('members', () => {
    it('are shown with the platform ids that mean them, and found by them', async () => {
      const { body } = await api.get(`/members/${where.memberId}`);
      expect(body).toMatchObject({
        name: 'Zhang San',
        role: 'member',
        locale: null,
        attributes: {},
        identities: [{ kind: 'staff', realm: 'corp', value: where.memberId }],
      });
      const idsOf = async (query: string) =>
        (await api.get(`/members?${query}`)).body.items.map(({ id }: { id: string }) => id);
      expect(await idsOf(`identity=${where.memberId}`)).toEqual([where.memberId]);
      expect(await idsOf('name=ZHANG')).toContain(where.memberId);
      expect(await idsOf('role=admin')).not.toContain(where.memberId);
    });

    it('get a role and attributes, merged; wrong ones are named', async () => {
      const path = `/members/${where.memberId}`;
      const changed = await api.patch(path, {
        role: 'admin',
        attributes: { departments: ['d1'], title: 'Boss' },
      });
      expect(changed.body).toMatchObject({ role: 'admin', name: 'Zhang San' });
      const again = await api.patch(path, { attributes: { title: null } });
      expect(again.body.attributes).toEqual({ departments: ['d1'] });
      expect(await api.patch(path, { role: 'king' })).toMatchObject({
        status: 400,
        body: { errors: [{ path: 'role' }] },
      });
      expect((await api.get(`/members/${newId()}`)).status).toBe(404);
    });
  });

  describe('pairing requests', () => {
    const ask = () =>
      api.sql(
        `INSERT INTO member_channel (tenant_id, member_id, channel_id, pairing, pairing_asked_at)
         VALUES ($1, $2, $3, 'pending', now())`,
        [where.tenantId, where.memberId, where.channelId],
      );
    const path = () => `/channels/${where.channelId}/pairing-requests`;

    it('wait to be approved or denied; the newer decision holds', async () => {
      await ask();
      expect((await api.get(`${path()}?state=pending`)).body.items).toMatchObject([
        { memberId: where.memberId, memberName: 'Zhang San', state: 'pending', decidedAt: null },
      ]);
      expect((await api.post(`${path()}/${where.memberId}/approve`)).body.state).toBe('approved');
      await api.post(`${path()}/${where.memberId}/approve`);
      const told = await api.sql(
        `SELECT n.content ->> 'text' AS text, r.address FROM notice n JOIN notice_recipient r ON r.notice_id = n.id
          WHERE n.channel_id = $1 AND r.member_id = $2`,
        [where.channelId, where.memberId],
      );
      expect(told).toMatchObject([{ text: expect.stringMatching(/现在可以提问了|You may use/) }]);
      expect((await api.post(`${path()}/${where.memberId}/deny`)).body.state).toBe('denied');
      expect((await api.get(`${path()}?state=pending`)).body.items).toEqual([]);
    });

    it('are of somebody who asked, in a channel that is there', async () => {
      expect((await api.post(`${path()}/${where.memberId}/approve`)).status).toBe(404);
      expect((await api.get(`/channels/${newId()}/pairing-requests`)).status).toBe(404);
    });
  });

  describe('overrides', () => {
    it('give a group another agent, once', async () => {
      const agent = await api.created('/agents', { name: 'Of the group', kind: 'demo' });
      const path = `/channels/${where.channelId}/overrides`;
      const fields = { kind: 'group', value: 'cid1', agentId: agent.id };

      const { id } = (await api.post(path, fields)).body;

      expect((await api.get(path)).body.items).toMatchObject([{ ...fields, id, modelId: null }]);
      expect(await api.post(path, fields)).toMatchObject({
        status: 409,
        body: { code: 'override_taken' },
      });
      expect((await api.delete(`${path}/${id}`)).status).toBe(204);
      expect((await api.delete(`${path}/${id}`)).status).toBe(404);
    });

    it('need an agent or a model that is there', async () => {
      const path = `/channels/${where.channelId}/overrides`;
      const wrong = { kind: 'group', value: 'cid1' };
      expect((await api.post(path, wrong)).body.errors).toMatchObject([{ path: 'agentId' }]);
      expect((await api.post(path, { ...wrong, modelId: newId() })).body.errors).toMatchObject([
        { path: 'modelId' },
      ]);
    });
  });

  describe('rules of access', () => {
    it('are refused when a word of them is unknown: nobody may rely on a rule that is not applied', async () => {
      const refused = await api.patch(`/channels/${where.channelId}`, { access: { alow: {} } });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'access.alow' }] } });
      const hours = { spans: [{ days: [1], from: '9:00', to: '18:00' }], timeZone: 'Mars/Olympus' };
      expect(
        (await api.patch(`/channels/${where.channelId}`, { service: { hours } })).body.errors,
      ).toHaveLength(2);
    });

    it('have defaults that let everybody in', async () => {
      const { body } = await api.get(`/channels/${where.channelId}`);
      expect(body.access).toMatchObject({ direct: true, group: true, pairing: false });
      expect(body.choices).toEqual({ agents: { allowed: true }, models: { allowed: true } });
    });
  });
});
