import { newId } from '@common/kernel';

import { type Answer, RunningAdminApi } from './admin-api.fixture';

let api: RunningAdminApi;
let channelId: string;
let tenantId: string;

beforeAll(async () => {
  api = await RunningAdminApi.start();
  await api.queuesReachable();
});
afterAll(() => api.stop());
beforeEach(async () => {
  ({ id: channelId } = await api.channel());
  const [row] = await api.sql<{ tenant_id: string }>(
    'SELECT tenant_id FROM channel WHERE id = $1',
    [channelId],
  );
  tenantId = String(row?.tenant_id);
});

const aMember = async (staffId: string | null, attributes: object = {}): Promise<string> => {
  const id = newId();
  await api.sql('INSERT INTO member (id, tenant_id, name, attributes) VALUES ($1, $2, $3, $4)', [
    ...[id, tenantId, `member ${staffId}`, JSON.stringify(attributes)],
  ]);
  if (staffId !== null)
    await api.sql(
      `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, 'staff', $2, $3, $4)`,
      [tenantId, channelId, staffId, id],
    );
  return id;
};
const send = (more: object = {}): Promise<Answer> =>
  api.post('/notices', { channelId, text: 'Soup', to: { staffIds: ['ada'] }, ...more });
const sent = async (more: object = {}): Promise<Answer['body']> => {
  const answer = await send(more);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
};
const recipientsOf = async (id: string): Promise<Answer['body']> =>
  (await api.get(`/notices/${id}/recipients`)).body.items;
/** As a sender would have left it. */
const arrived = (id: string, hoursAgo = 1): Promise<unknown> =>
  api.sql(
    `WITH r AS (UPDATE notice_recipient SET state = 'sent', message_key = 'key ' || n,
                       sent_at = now() - $2 * interval '1 hour' WHERE notice_id = $1)
     UPDATE notice SET state = 'sent', todo = false, ended_at = now() WHERE id = $1`,
    [id, hoursAgo],
  );
const noticeRow = async (id: string) =>
  (await api.sql('SELECT todo, wake, state FROM notice WHERE id = $1', [id]))[0];
const jobsOf = async (id: string): Promise<string[]> => {
  const queue = api.queue('outbound');
  const jobs = await queue.getJobs(['waiting', 'prioritized', 'delayed']);
  await queue.close();
  return jobs.flatMap(({ id: name }) => (name?.startsWith(id) ? [name] : [])).sort();
};

describe('sending a notice', () => {
  it('is written down with everybody it is for, each once, and wakes a sender', async () => {
    const [ada, nobody] = [await aMember('ada'), await aMember(null)];
    const cook = await aMember('cook', { departments: ['kitchen'] });
    const conversationId = newId();
    await api.sql(
      `INSERT INTO conversation (id, tenant_id, channel_id, platform_id, kind) VALUES ($1, $2, $3, 'cidGroup==', 'group')`,
      [conversationId, tenantId, channelId],
    );

    const notice = await sent({
      kind: 'card',
      title: 'Lunch',
      buttons: [{ id: 'yes', label: 'Yes' }],
      to: {
        memberIds: [ada, nobody, ada],
        staffIds: ['ada', 'eve'],
        departmentIds: ['kitchen'],
        conversationIds: [conversationId, 'cidGroup==', 'cidOther=='],
      },
    });

    expect(notice).toMatchObject({
      ...{ kind: 'card', state: 'scheduled', clicks: 0 },
      buttons: [{ id: 'yes', label: 'Yes', color: 'blue' }],
      recipients: { total: 6, waiting: 5, invalid: 1, sent: 0 },
    });
    const found = await recipientsOf(notice.id);
    expect(found).toHaveLength(6);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'person', memberId: ada, address: 'ada' }),
        expect.objectContaining({ memberId: nobody, state: 'invalid', error: 'no_staff_id' }),
        expect.objectContaining({ memberId: cook, address: 'cook', state: 'pending' }),
        expect.objectContaining({ memberId: null, address: 'eve' }),
        expect.objectContaining({ kind: 'group', address: 'cidGroup==' }),
        expect.objectContaining({ kind: 'group', address: 'cidOther==' }),
      ]),
    );
    expect(await jobsOf(notice.id)).toEqual([`${notice.id}-0`]);
    expect((await api.get(`/notices?channelId=${channelId}`)).body.items).toMatchObject([
      { id: notice.id },
    ]);
  });

  it('is done once for one idempotencyKey, and refused for another notice of it', async () => {
    const first = await sent({ idempotencyKey: 'lunch-1' });
    const second = await sent({ idempotencyKey: 'lunch-1' });
    expect(second.id).toBe(first.id);
    expect(await jobsOf(first.id)).toHaveLength(1);
    const other = await send({ idempotencyKey: 'lunch-1', text: 'Salad' });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    const all = await Promise.all(
      Array.from({ length: 5 }, () => sent({ idempotencyKey: 'lunch-2' })),
    );
    expect(new Set(all.map(({ id }) => id as string)).size).toBe(1);
  });

  it('waits for its time', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const notice = await sent({ sendAt });
    expect(notice).toMatchObject({ state: 'scheduled', sendAt });
    expect(await jobsOf(notice.id)).toEqual([]);
  });

  it.each([
    ['nobody', { to: {} }, 'to'],
    ['an empty department', { to: { departmentIds: ['moon'] } }, 'to'],
    ['a member of nobody', { to: { memberIds: [newId()] } }, 'to.memberIds'],
    ['buttons without a card', { buttons: [{ id: 'a', label: 'A' }] }, 'buttons'],
    ['two buttons of one name', { kind: 'card', buttons: twins() }, 'buttons'],
    ['a card that nobody could see', { kind: 'card', text: '字'.repeat(2_401) }, 'text'],
    ['more than one message takes', { text: '字'.repeat(4_500) }, 'text'],
    ['no such channel', { channelId: newId() }, 'channelId'],
  ])('is refused for %s', async (_why, more, path) => {
    const { status, body } = await send(more);
    expect([status, body.code]).toEqual([400, 'invalid_input']);
    expect(body.errors).toMatchObject([{ path }]);
    expect((await api.get(`/notices?channelId=${channelId}`)).body.items).toEqual([]);
  });

  it('is refused by a channel that is off', async () => {
    await api.post(`/channels/${channelId}/disable`);
    const { status, body } = await send();
    expect([status, body.code]).toEqual([409, 'channel_disabled']);
  });
});

function twins(): object[] {
  return [
    { id: 'a', label: 'A' },
    { id: 'a', label: 'B' },
  ];
}

describe('what can be done about a notice', () => {
  const to = { staffIds: ['a', 'b'] };

  it('is cancelled for whoever does not have it', async () => {
    const { id } = await sent({ to, sendAt: new Date(Date.now() + 3_600_000).toISOString() });
    const cancelled = await api.post(`/notices/${id}/cancel`);
    expect(cancelled.body).toMatchObject({
      state: 'cancelled',
      recipients: { cancelled: 2, waiting: 0 },
    });
    expect((await api.post(`/notices/${id}/cancel`)).status).toBe(200);
    await arrived(id);
    const late = await api.post(`/notices/${id}/cancel`);
    expect([late.status, late.body.code]).toEqual([409, 'notice_sent']);
  });

  it('is taken back where the platform still knows it', async () => {
    const { id } = await sent({ to });
    await arrived(id);
    await api.sql(
      `UPDATE notice_recipient SET sent_at = now() - interval '25 hours'
                    WHERE notice_id = $1 AND address = 'b'`,
      [id],
    );

    const { body } = await api.post(`/notices/${id}/recall`);

    expect(body.recallRequestedAt).toEqual(expect.any(String));
    expect(await recipientsOf(id)).toMatchObject([
      { recall: { state: 'asked', error: null } },
      { recall: { state: 'failed', error: 'too_old' } },
    ]);
    expect(await noticeRow(id)).toMatchObject({ todo: true, wake: 1 });
    expect(await jobsOf(id)).toContain(`${id}-1`);
    const again = await api.post(`/notices/${id}/retry`);
    expect([again.status, again.body.code]).toEqual([409, 'notice_recalled']);
  });

  it('is asked for its readers while the platform knows', async () => {
    const { id } = await sent({ to });
    expect((await api.post(`/notices/${id}/receipts`)).body.code).toBe('notice_without_receipts');
    await arrived(id);
    expect((await api.post(`/notices/${id}/receipts`)).status).toBe(200);
    expect(await recipientsOf(id)).toMatchObject([
      { receipt: { state: 'asked', readers: null, at: null } },
      { receipt: { state: 'asked' } },
    ]);
  });

  it('is tried again for whoever did not get it; whoever may have it gets it marked', async () => {
    const { id } = await sent({ to });
    await arrived(id);
    expect((await api.post(`/notices/${id}/retry`)).body.code).toBe('notice_not_retryable');
    await api.sql(
      `UPDATE notice_recipient SET state = 'unknown', tries = 2 WHERE notice_id = $1 AND address = 'a'`,
      [id],
    );
    const { body } = await api.post(`/notices/${id}/retry`);
    expect(body).toMatchObject({ state: 'sending', recipients: { waiting: 1, sent: 1 } });
    expect(
      await api.sql(`SELECT tries FROM notice_recipient WHERE notice_id = $1 AND address = 'a'`, [
        id,
      ]),
    ).toEqual([{ tries: 1 }]);
  });

  it('shows who clicked what', async () => {
    const notice = await sent({ kind: 'card', buttons: [{ id: 'yes', label: 'Yes' }] });
    const [{ id: recipientId }] = await recipientsOf(notice.id);
    await api.sql(
      `INSERT INTO notice_click (id, tenant_id, notice_id, recipient_id, button_id, staff_id)
       SELECT gen_random_uuid(), $1, $2, $3, 'yes', 'staff ' || n FROM generate_series(1, 3) n`,
      [tenantId, notice.id, recipientId],
    );
    const page = await api.get(`/notices/${notice.id}/clicks?limit=2`);
    expect(page.body.items).toMatchObject([{ recipientId, buttonId: 'yes' }, {}]);
    const rest = await api.get(
      `/notices/${notice.id}/clicks?limit=2&cursor=${page.body.nextCursor}`,
    );
    expect(rest.body.items).toHaveLength(1);
    expect((await api.get(`/notices/${notice.id}`)).body.clicks).toBe(3);
    expect((await api.get(`/notices/${newId()}/clicks`)).status).toBe(404);
  });

  it('P6 is nobody else’s', async () => {
    const { id } = await sent();
    await api.created('/tenants', { name: 'Other', slug: `other-${newId().slice(-8)}` });
    const { items } = (await api.get('/tenants')).body;
    const tenant = items.at(-1).id as string;
    for (const path of [`/notices/${id}`, `/notices/${id}/recipients`])
      expect((await api.get(path, { tenant })).status).toBe(404);
    expect((await api.post(`/notices/${id}/recall`, undefined, { tenant })).status).toBe(404);
    const stolen = await api.post(
      '/notices',
      { channelId, text: 'x', to: { staffIds: ['a'] } },
      { tenant },
    );
    expect(stolen.status).toBe(400);
  });
});
