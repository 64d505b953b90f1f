import { deliveryQueue, generationQueue } from '@common/contracts';

import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn, type Conversation } from './conversation.fixture';

describe('turns and sessions', () => {
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

  const turnOf = async (id: string) => (await api.get(`/turns/${id}`)).body;

  async function jobIds(name: string): Promise<(string | undefined)[]> {
    const queue = api.queue(name);
    try {
      return (await queue.getJobs(['waiting'])).map((job) => job.id);
    } finally {
      await queue.close();
    }
  }

  it('shows a turn in the shape of the contract', async () => {
    const id = await aTurn(api, where, {
      state: 'failed',
      outcome: 'failed',
      delivery: 'delivered',
    });

    expect(await turnOf(id)).toEqual({
      id,
      channelId: where.channelId,
      sessionId: where.sessionId,
      memberId: where.memberId,
      state: 'failed',
      outcome: 'failed',
      attempt: 0,
      queuePosition: null,
      agentVersionId: where.versionId,
      error: { code: 'model_busy', message: 'The model is busy.' },
      delivery: { state: 'delivered', way: 'card' },
      createdAt: expect.stringMatching(/Z$/),
      endedAt: expect.stringMatching(/Z$/),
      platformMessageIds: [`msg-${id}`],
      retryOf: null,
      cancelRequestedAt: null,
    });
  });

  it('counts the turns that a queued one waits for', async () => {
    await aTurn(api, where, { state: 'active' });
    const first = await aTurn(api, where, { state: 'queued' });
    const second = await aTurn(api, where, { state: 'queued' });

    expect((await turnOf(first)).queuePosition).toBe(2);
    expect((await turnOf(second)).queuePosition).toBe(3);
  });

  it('finds turns by state, channel, session and platform message', async () => {
    const active = await aTurn(api, where, { state: 'active' });
    const queued = await aTurn(api, where, { state: 'queued' });
    const idsOf = async (query: string) =>
      (await api.get(`/turns?${query}`)).body.items.map((turn: { id: string }) => turn.id);

    expect(await idsOf(`channelId=${where.channelId}`)).toEqual([queued, active]);
    expect(await idsOf(`sessionId=${where.sessionId}&state=active`)).toEqual([active]);
    expect(await idsOf(`platformMessageId=msg-${queued}`)).toEqual([queued]);
    expect(await idsOf('platformMessageId=unknown')).toEqual([]);
    expect((await api.get('/turns?state=lost')).status).toBe(400);
    const page = (await api.get(`/turns?channelId=${where.channelId}&limit=1`)).body;
    expect(await idsOf(`channelId=${where.channelId}&cursor=${page.nextCursor}`)).toEqual([active]);
  });

  it('shows sessions and what was said in them, in order', async () => {
    const first = await aTurn(api, where, { state: 'active', question: 'One?' });
    await api.sql(
      `INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text)
        VALUES ('00000000-0000-4000-8000-00000000000a', $1, $2, $3, 1, 'assistant', 'Answer one.')`,
      [where.tenantId, where.sessionId, first],
    );
    await aTurn(api, where, { state: 'queued', question: 'Two?' });

    const list = (await api.get(`/sessions?channelId=${where.channelId}`)).body.items;
    const one = (await api.get(`/sessions/${where.sessionId}/messages?limit=2`)).body;
    const two = (await api.get(`/sessions/${where.sessionId}/messages?cursor=${one.nextCursor}`))
      .body;

    expect(list).toMatchObject([
      {
        id: where.sessionId,
        channelId: where.channelId,
        memberId: where.memberId,
        memberName: 'Zhang San',
        conversation: { kind: 'group', title: 'Team' },
        current: true,
      },
    ]);
    const said = [...one.items, ...two.items].map((message) => message.text);
    expect(said).toEqual(['One?', 'Answer one.', 'Two?']);
    expect((await api.get(`/sessions?memberId=${where.memberId}`)).body.items).toHaveLength(1);
  });

  it('puts checkpoints in order, noted ones before derived ones', async () => {
    const id = await aTurn(api, where, {
      state: 'delivered',
      outcome: 'answered',
      answer: 'Because.',
      delivery: 'delivered',
    });
    await api.sql(
      `INSERT INTO turn_step (tenant_id, turn_id, step, detail) VALUES ($1, $2, 'first_words', '{"ms":12}')`,
      [where.tenantId, id],
    );
    await api.sql(
      `UPDATE inbound_event SET acknowledged_at = received_at + interval '3 ms' WHERE turn_id = $1`,
      [id],
    );

    const { items } = (await api.get(`/turns/${id}/timeline`)).body;

    const steps = items.map((item: { step: string }) => item.step);
    expect(steps.slice(0, 2)).toEqual(['received', 'acknowledged']);
    expect(new Set(steps)).toEqual(
      new Set([
        'received',
        'acknowledged',
        'queued',
        'activated',
        'delivered',
        'ended',
        'first_words',
      ]),
    );
    const times = items.map((item: { at: string }) => item.at);
    expect(times).toEqual([...times].sort());
    expect(items.find((item: { step: string }) => item.step === 'first_words').detail).toEqual({
      ms: 12,
    });
  });

  it('asks a running turn to stop and announces it', async () => {
    const id = await aTurn(api, where, { state: 'active' });
    const heard = await api.listen();

    const answer = await api.post(`/turns/${id}/cancel`);
    const again = await api.post(`/turns/${id}/cancel`);

    expect(answer.body).toMatchObject({ state: 'active', delivery: { state: 'open' } });
    expect(answer.body.cancelRequestedAt).not.toBeNull();
    expect(again.body.cancelRequestedAt).toBe(answer.body.cancelRequestedAt);
    expect(heard[0]).toEqual({ pattern: 'turn.cancel', data: { turnId: id } });
  });

  it('ends a queued turn at once, and its delivery with it', async () => {
    await aTurn(api, where, { state: 'active' });
    const id = await aTurn(api, where, { state: 'queued' });

    const answer = await api.post(`/turns/${id}/cancel`);

    expect(answer.body).toMatchObject({
      state: 'cancelled',
      outcome: 'cancelled',
      delivery: { state: 'undelivered' },
    });
    expect((await api.post(`/turns/${id}/cancel`)).status).toBe(200);
  });

  it('does not cancel what has its answer', async () => {
    const id = await aTurn(api, where, {
      state: 'delivered',
      outcome: 'answered',
      answer: 'Because.',
      delivery: 'delivered',
    });

    const answer = await api.post(`/turns/${id}/cancel`);

    expect([answer.status, answer.body.code]).toEqual([409, 'turn_already_ended']);
  });

  it('asks a failed question again as a new turn, once', async () => {
    const id = await aTurn(api, where, {
      state: 'failed',
      outcome: 'failed',
      delivery: 'delivered',
    });

    const [one, two] = await Promise.all([
      api.post(`/turns/${id}/retry`),
      api.post(`/turns/${id}/retry`),
    ]);

    expect([one.status, two.status]).toEqual([200, 200]);
    expect(one.body.id).toBe(two.body.id);
    expect(one.body).toMatchObject({
      retryOf: id,
      state: 'active',
      sessionId: where.sessionId,
      agentVersionId: where.versionId,
      delivery: { state: 'open' },
      platformMessageIds: [`msg-${id}`],
    });
    const messages = await api.sql('SELECT text, turn_seq FROM message WHERE turn_id = $1', [
      one.body.id,
    ]);
    expect(messages).toEqual([{ text: 'Why?', turn_seq: '2' }]);
    expect(await jobIds(generationQueue.name)).toContain(`${one.body.id}-0`);
    const [delivery] = await api.sql<{ id: string }>('SELECT id FROM delivery WHERE turn_id = $1', [
      one.body.id,
    ]);
    expect(await jobIds(deliveryQueue.name)).toContain(`${delivery?.id}-0`);
    const found = (await api.get(`/turns?platformMessageId=msg-${id}`)).body.items;
    expect(found.map((turn: { id: string }) => turn.id)).toEqual([one.body.id, id]);
  });

  it('lets a retry wait its turn behind the thread’s open one', async () => {
    const id = await aTurn(api, where, { state: 'cancelled', outcome: 'cancelled' });
    await aTurn(api, where, { state: 'active' });

    const retry = (await api.post(`/turns/${id}/retry`)).body;

    expect(retry).toMatchObject({ state: 'queued', queuePosition: 2 });
    expect(await jobIds(generationQueue.name)).not.toContain(`${retry.id}-0`);
  });

  it('uses the agent as it is now', async () => {
    const id = await aTurn(api, where, { state: 'failed', outcome: 'failed' });
    const [version] = await api.sql<{ agent_id: string }>(
      'SELECT agent_id FROM agent_version WHERE id = $1',
      [where.versionId],
    );
    const changed = await api.patch(`/agents/${version?.agent_id}`, { instructions: 'Better.' });

    const retry = (await api.post(`/turns/${id}/retry`)).body;

    expect(retry.agentVersionId).toBe(changed.body.currentVersionId);
    expect(retry.agentVersionId).not.toBe(where.versionId);
  });

  it('delivers an undelivered answer again, as it is', async () => {
    const id = await aTurn(api, where, {
      state: 'delivered',
      outcome: 'answered',
      answer: 'Because.',
      delivery: 'undelivered',
    });

    const first = await api.post(`/turns/${id}/retry`);
    const second = await api.post(`/turns/${id}/retry`);

    for (const { body } of [first, second])
      expect(body).toMatchObject({ id, state: 'delivered', delivery: { state: 'open' } });
    const deliveries = await api.sql<{ id: string }>(
      `SELECT id FROM delivery WHERE turn_id = $1 AND state = 'open'`,
      [id],
    );
    expect(deliveries).toHaveLength(1);
    expect(await jobIds(deliveryQueue.name)).toContain(`${deliveries[0]?.id}-0`);
  });

  it('retries neither what runs nor what arrived', async () => {
    const running = await aTurn(api, where, { state: 'active' });
    const arrived = await aTurn(api, where, {
      state: 'delivered',
      outcome: 'answered',
      answer: 'Because.',
      delivery: 'delivered',
    });

    expect((await api.post(`/turns/${running}/retry`)).body.code).toBe('turn_not_ended');
    expect((await api.post(`/turns/${arrived}/retry`)).body.code).toBe('turn_not_retryable');
  });

  it('shows none of it to another tenant', async () => {
    const id = await aTurn(api, where, { state: 'active' });
    await api.post('/tenants', { name: 'Other', slug: 'other' });
    const tenant = 'other';

    for (const path of [`/turns/${id}`, `/turns/${id}/timeline`, `/sessions/${where.sessionId}`])
      expect([path, (await api.get(path, { tenant })).status]).toEqual([path, 404]);
    for (const deed of ['cancel', 'retry'])
      expect((await api.post(`/turns/${id}/${deed}`, undefined, { tenant })).status).toBe(404);
    expect((await api.get(`/sessions/${where.sessionId}/messages`, { tenant })).status).toBe(404);
    expect((await api.get('/turns', { tenant })).body.items).toEqual([]);
  });

  it('drives failed turns again by a filter, each once, and those that failed again by their retry', async () => {
    const failed = { state: 'failed', outcome: 'failed', delivery: 'delivered' } as const;
    const [one, two] = [await aTurn(api, where, failed), await aTurn(api, where, failed)];
    await aTurn(api, where, { state: 'delivered', outcome: 'answered', answer: '42' });
    const redrive = async (filter: object, limit?: number) =>
      (await api.post('/turns/retry', { filter, ...(limit ? { limit } : {}) })).body;
    const mine = { channelId: where.channelId };

    expect(await redrive({ ...mine, errorCode: 'other_code' })).toEqual({
      ...{ retried: [], skipped: [], hasMore: false },
    });
    const first = await redrive(mine, 1);
    expect(first).toMatchObject({ retried: [{ turnId: one }], hasMore: true });
    expect((await redrive(mine)).retried).toMatchObject([{ turnId: two }]);
    expect((await redrive(mine)).retried).toEqual([]);
    const again = String(first.retried[0].retryId);
    await api.sql(
      `UPDATE turn SET state = 'failed', outcome = 'failed', ended_at = now() WHERE id = $1`,
      [again],
    );
    await api.sql(`UPDATE delivery SET state = 'delivered', ended_at = now() WHERE turn_id = $1`, [
      again,
    ]);
    expect((await redrive(mine)).retried).toMatchObject([{ turnId: again }]);
    expect((await api.post('/turns/retry', { filter: { colour: 'red' } })).status).toBe(400);
  });

  it('P2 drives a turn again once, however many ask at the same time', async () => {
    const failed = { state: 'failed', outcome: 'failed', delivery: 'delivered' } as const;
    for (let n = 0; n < 5; n += 1) await aTurn(api, where, failed);
    const filter = { channelId: where.channelId };

    await Promise.all([1, 2, 3].map(() => api.post('/turns/retry', { filter })));

    const [{ n } = { n: 0 }] = await api.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM turn WHERE channel_id = $1 AND retry_of IS NOT NULL',
      [where.channelId],
    );
    expect(n).toBe(5);
  });
});
