import { ObjectStore } from '@common/files';
import { newId } from '@common/kernel';

import { Retention } from '../src/privacy/retention.service';
import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn, type Conversation } from './conversation.fixture';

const never = new AbortController().signal;
const ANSWERED = {
  ...({ state: 'delivered', outcome: 'answered', answer: 'Yes.' } as const),
  ...({ question: 'Why?', delivery: 'delivered' } as const),
};

describe('erasures', () => {
  let api: RunningAdminApi;
  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  const erase = async ({ memberId }: Conversation) =>
    (await api.post(`/members/${memberId}/erase`)).body.state as string;
  const stateOf = async ({ memberId }: Conversation) =>
    (await api.get(`/members/${memberId}/privacy`)).body.erasedAt === null ? 'pending' : 'erased';
  const wordsOf = async ({ sessionId }: Conversation) =>
    (await api.get(`/sessions/${sessionId}/messages`)).body.items.length as number;
  const asked = ({ memberId }: Conversation) =>
    api.sql('UPDATE member SET erase_requested_at = now() WHERE id = $1', [memberId]);

  it('that are asked for again leave the audit log whole', async () => {
    const chat = await aConversation(api);
    await aTurn(api, chat, ANSWERED);
    await api.patch(`/members/${chat.memberId}/privacy`, { legalHold: false });
    expect(await erase(chat)).toBe('erased');
    expect(await erase(chat)).toBe('erased');

    expect((await api.get('/audit/verify')).body).toMatchObject({ whole: true });
  });

  it('leave alone what the dispatcher has not looked at: it would have nothing to look at', async () => {
    const chat = await aConversation(api);
    const eventId = newId();
    await api.sql(
      `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, platform_message_id, thread_id, received_at, raw, content, state)
        VALUES ($1, $2, $3, 'message', 'm1', $4, now(), '\\x00', '{"text":"wait"}', 'pending')`,
      [eventId, chat.tenantId, chat.channelId, chat.threadId],
    );
    await erase(chat);

    const content = () => api.sql('SELECT content FROM inbound_event WHERE id = $1', [eventId]);
    expect(await content()).toEqual([{ content: { text: 'wait' } }]);
    await api.sql(`UPDATE inbound_event SET state = 'processed' WHERE id = $1`, [eventId]);
    await api.use(Retention).run(never);
    expect(await content()).toEqual([{ content: null }]);
  });

  it('leave no address of theirs in notices, and let none of those that wait go out', async () => {
    const chat = await aConversation(api);
    const noticeId = newId();
    await api.sql(
      `INSERT INTO notice (id, tenant_id, channel_id, request_hash, kind, content, send_at, wake_at)
        VALUES ($1, $2, $3, '', 'text', '{}', now(), now())`,
      [noticeId, chat.tenantId, chat.channelId],
    );
    for (const [n, state] of ['pending', 'sent'].entries())
      await api.sql(
        `INSERT INTO notice_recipient (id, tenant_id, notice_id, n, kind, member_id, address, state)
          VALUES ($1, $2, $3, $4, 'person', $5, $6, $7)`,
        [newId(), chat.tenantId, noticeId, n + 1, chat.memberId, `staff-${n}`, state],
      );
    await erase(chat);
    expect(
      await api.sql('SELECT address, state FROM notice_recipient WHERE notice_id = $1 ORDER BY n', [
        noticeId,
      ]),
    ).toEqual([
      { address: null, state: 'cancelled' },
      { address: null, state: 'sent' },
    ]);
    // Found by the person: a small table is read as a whole otherwise, so that way is closed.
    await api.sql('SET enable_seqscan = off');
    const plan = await api.sql(
      `EXPLAIN SELECT 1 FROM notice_recipient WHERE tenant_id = '${chat.tenantId}' AND member_id = '${chat.memberId}' AND address IS NOT NULL`,
    );
    await api.sql('RESET enable_seqscan');
    expect(JSON.stringify(plan)).toContain('notice_recipient_member');
  });

  it('stop where a legal hold comes in between', async () => {
    const [person, place] = [await aConversation(api), await aConversation(api)];
    for (const chat of [person, place]) {
      await aTurn(api, chat, ANSWERED);
      await asked(chat);
    }
    const held = [`/members/${person.memberId}/privacy`, `/channels/${place.channelId}/privacy`];
    for (const path of held) await api.patch(path, { legalHold: true });
    await api.use(Retention).run(never);
    expect([await wordsOf(person), await wordsOf(place)]).toEqual([1, 1]);

    for (const path of held) await api.patch(path, { legalHold: false });
    await api.use(Retention).run(never);
    expect([await wordsOf(person), await wordsOf(place)]).toEqual([0, 0]);
  });

  it('that cannot be done now do not hold up the others', async () => {
    const [first, second] = [await aConversation(api), await aConversation(api)];
    const key = `${first.tenantId}/${newId()}`;
    await api.sql(
      `INSERT INTO file (id, tenant_id, channel_id, member_id, n, kind, state, object_key, settled_at)
        VALUES ($1, $2, $3, $4, 1, 'file', 'stored', $5, now())`,
      [newId(), first.tenantId, first.channelId, first.memberId, key],
    );
    for (const chat of [first, second]) await asked(chat);
    const remove = jest.spyOn(api.use(ObjectStore), 'remove');
    remove.mockRejectedValue(new Error('no room'));
    await api.use(Retention).run(never);
    expect([await stateOf(first), await stateOf(second)]).toEqual(['pending', 'erased']);

    remove.mockRestore();
    await api.use(Retention).run(never);
    expect(await stateOf(first)).toBe('erased');
  });
});
