import { newId } from '@common/kernel';

import { RunningAdminApi } from './admin-api.fixture';

describe('the history of a channel', () => {
  let api: RunningAdminApi;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  const statusOf = async (id: string) => (await api.get(`/channels/${id}/status`)).body;

  it('tells when the last message came and the last answer was shown', async () => {
    const { id } = await api.channel();
    expect(await statusOf(id)).toMatchObject({ lastMessageAt: null, lastAnswerAt: null });
    const message = newId();
    await api.sql(
      `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, received_at, raw, state)
        SELECT $1, tenant_id, id, 'message', '2026-11-20T12:00:00Z', '', 'processed' FROM channel WHERE id = $2`,
      [message, id],
    );
    await api.sql(
      `INSERT INTO delivery (id, tenant_id, channel_id, event_id, state, text, locale, target, ended_at)
        SELECT $1, tenant_id, id, $2, 'delivered', 'hi', 'en', '{}', '2026-11-20T12:00:01Z'
          FROM channel WHERE id = $3`,
      [newId(), message, id],
    );

    expect(await statusOf(id)).toMatchObject({
      lastMessageAt: '2026-11-20T12:00:00.000Z',
      lastAnswerAt: '2026-11-20T12:00:01.000Z',
    });
  });

  it('lists what its connections went through, newest first, page by page', async () => {
    const { id } = await api.channel();
    for (const [n, code] of ['connecting', 'connected', 'connection_reset'].entries())
      await api.sql(
        `INSERT INTO channel_transition (id, tenant_id, channel_id, gateway_id, state, code, message, at)
          SELECT $1, tenant_id, id, $2, 'connected', $3, 'So it was.', now() + make_interval(secs => $4)
            FROM channel WHERE id = $5`,
        [newId(), newId(), code, n, id],
      );

    const first = await api.get(`/channels/${id}/transitions?limit=2`);
    const second = await api.get(
      `/channels/${id}/transitions?limit=2&cursor=${first.body.nextCursor}`,
    );

    const codes = (list: { code: string }[]) => list.map(({ code }) => code);
    expect(codes(first.body.items)).toEqual(['connection_reset', 'connected']);
    expect(codes(second.body.items)).toEqual(['connecting']);
    expect(second.body.nextCursor).toBeNull();
    expect((await api.get(`/channels/${newId()}/transitions`)).status).toBe(404);
  });

  it('P10 lists what was quarantined, with its cause and without its content', async () => {
    const { id } = await api.channel();
    const event = newId();
    await api.sql(
      `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, received_at, raw, state, cause)
        SELECT $1, tenant_id, id, 'message', now(), 'sealed', 'quarantined', 'sqlstate 22021'
          FROM channel WHERE id = $2`,
      [event, id],
    );

    const { body, text } = await api.get(`/channels/${id}/quarantine`);

    expect(body.items).toMatchObject([
      { eventId: event, kind: 'message', cause: 'sqlstate 22021' },
    ]);
    expect(text).not.toContain('sealed');
  });
});
