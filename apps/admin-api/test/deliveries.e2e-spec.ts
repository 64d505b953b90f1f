import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn, type Conversation } from './conversation.fixture';

let api: RunningAdminApi;
let where: Conversation;

beforeAll(async () => {
  api = await RunningAdminApi.start();
  await api.queuesReachable();
});
afterAll(() => api.stop());
beforeEach(async () => {
  where = await aConversation(api);
});

const anUndelivered = async (): Promise<{ turnId: string; deliveryId: string }> => {
  const turnId = await aTurn(api, where, {
    state: 'failed',
    outcome: 'answered',
    answer: 'Because.',
    delivery: 'undelivered',
  });
  const [row] = await api.sql<{ id: string }>(
    `UPDATE delivery SET error_code = 'quota', error_message = 'nothing left' WHERE turn_id = $1 RETURNING id`,
    [turnId],
  );
  return { turnId, deliveryId: row?.id ?? '' };
};

describe('the undelivered desk', () => {
  it('P4 lists what nobody could be shown, with the reason', async () => {
    const { turnId, deliveryId } = await anUndelivered();
    await aTurn(api, where, {
      ...{ state: 'delivered', outcome: 'answered', answer: 'Yes.', delivery: 'delivered' },
    });

    const { body } = await api.get(`/deliveries?state=undelivered&channelId=${where.channelId}`);

    expect(body.items).toMatchObject([
      {
        ...{ id: deliveryId, turnId, state: 'undelivered' },
        error: { code: 'quota', message: 'nothing left' },
        pieces: { total: 0, sent: 0, possiblyTwice: 0 },
      },
    ]);
    expect((await api.get(`/deliveries/${deliveryId}`)).body.id).toBe(deliveryId);
  });

  it('tells the reason with the turn, too', async () => {
    const { turnId } = await anUndelivered();
    await api.sql(
      `UPDATE turn SET error_code = 'undelivered', error_message = NULL WHERE id = $1`,
      [turnId],
    );

    const { body } = await api.get(`/turns/${turnId}`);

    expect(body.error).toEqual({ code: 'undelivered', message: 'nothing left' });
  });

  it('shows the same text again in a new delivery, once, however often it is asked', async () => {
    const { turnId, deliveryId } = await anUndelivered();

    const first = await api.post(`/deliveries/${deliveryId}/retry`);
    const second = await api.post(`/deliveries/${deliveryId}/retry`);

    expect(first.body).toMatchObject({ turnId, state: 'open' });
    expect(second.body.id).toBe(first.body.id);
    expect(first.body.id).not.toBe(deliveryId);
    expect((await api.get(`/deliveries/${deliveryId}`)).body.state).toBe('undelivered');
  });

  it('sends nothing again that arrived, nor knows what is not there', async () => {
    const turnId = await aTurn(api, where, {
      ...{ state: 'delivered', outcome: 'answered', answer: 'Yes.', delivery: 'delivered' },
    });
    const { items } = (await api.get(`/deliveries?turnId=${turnId}`)).body;
    const again = await api.post(`/deliveries/${items[0].id}/retry`);
    expect([again.status, again.body.code]).toEqual([409, 'delivery_not_retryable']);
    expect((await api.post(`/deliveries/${turnId}/retry`)).status).toBe(404);
  });
});

describe('feedback', () => {
  const said = (kind: string, text: string | null) =>
    api.sql(
      `INSERT INTO feedback (id, tenant_id, channel_id, agent_version_id, member_id, kind, text)
       SELECT gen_random_uuid(), tenant_id, id, $2, $3, $4, $5 FROM channel WHERE id = $1`,
      [where.channelId, where.versionId, where.memberId, kind, text],
    );

  it('is listed with who gave the answer', async () => {
    await said('up', null);
    await said('text', 'Very good');
    const { body } = await api.get(`/feedback?channelId=${where.channelId}&kind=text`);
    expect(body.items).toMatchObject([
      { kind: 'text', text: 'Very good', agentVersionId: where.versionId, turnId: null },
    ]);
  });

  it('is exported as CSV in which no text becomes a formula', async () => {
    await said('text', '=SUM(A1), "quoted"');
    const { text } = await api.get(`/feedback/export?channelId=${where.channelId}`);
    const [head, line] = text.split('\r\n');
    expect(head).toBe('createdAt,kind,text,channelId,turnId,agentVersionId,memberId,id');
    expect(line).toContain(`text,"'=SUM(A1), ""quoted""",${where.channelId},,`);
  });
});
