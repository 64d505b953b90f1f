import { Client } from 'pg';

import { derivedId } from '@common/kernel';
import { migrate } from '@common/persistence';
import { anId, anInboundMessage, OwnStores, Rows } from '@common/testing';

import { AskersRepository } from '../src/asking/askers.repository';
import { ThreadLaneRepository } from '../src/inbound/thread-lane.repository';
import { SpecDispatcher } from './dispatcher.fixture';

let stores: OwnStores;
let rows: Rows;
const running: SpecDispatcher[] = [];

async function aDispatcher(): Promise<SpecDispatcher> {
  const dispatcher = await SpecDispatcher.on(stores);
  running.push(dispatcher);
  return dispatcher;
}
const turns = (threadId: string) =>
  stores.sql<{ id: string; state: string; seq: string; session_id: string }>(
    'SELECT id, state, seq, session_id FROM turn WHERE thread_id = $1 ORDER BY seq',
    [threadId],
  );
const questions = async (threadId: string): Promise<unknown[]> =>
  (
    await stores.sql(
      `SELECT m.text FROM message m JOIN turn t ON t.id = m.turn_id WHERE t.thread_id = $1 AND m.role = 'user' ORDER BY t.seq`,
      [threadId],
    )
  ).map(({ text }) => text as unknown);
const at = (seconds: number): Date => new Date(Date.UTC(2025, 0, 1, 10, 0, seconds));

let threads = 0;
const aThreadId = (): string => anId(`thread ${(threads += 1)}`);

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
});
afterAll(async () => {
  await Promise.all(running.map((dispatcher) => dispatcher.close()));
  await stores.close();
});

describe('a question', () => {
  it('becomes one active turn with its words, its delivery and its jobs', async () => {
    const channel = await rows.aChannel();
    const threadId = aThreadId();
    const event = await rows.anEvent(channel, threadId, { text: 'Hi?' });
    const dispatcher = await aDispatcher();

    await dispatcher.run(event);

    const [turn] = await turns(threadId);
    expect(turn).toMatchObject({ id: derivedId('turn', event), state: 'active' });
    expect(await questions(threadId)).toEqual(['Hi?']);
    expect(dispatcher.generation.jobs).toMatchObject([{ turnId: turn?.id, wake: 0 }]);
    expect(await stores.sql('SELECT id FROM delivery WHERE turn_id = $1', [turn?.id])).toEqual([
      { id: dispatcher.delivery.jobs[0]?.deliveryId },
    ]);
    expect(
      await stores.one('SELECT state, cause, turn_id FROM inbound_event WHERE id = $1', [event]),
    ).toEqual({ state: 'processed', cause: 'question', turn_id: turn?.id });
  });

  it('P2 twice: makes nothing the second time', async () => {
    const channel = await rows.aChannel();
    const threadId = aThreadId();
    const event = await rows.anEvent(channel, threadId);
    const dispatcher = await aDispatcher();

    await dispatcher.run(event);
    await dispatcher.run(event);

    expect(await turns(threadId)).toHaveLength(1);
    expect(dispatcher.generation.jobs).toHaveLength(1);
  });

  it('P3 late: comes in the order of the gateway, whichever job is first', async () => {
    const channel = await rows.aChannel();
    const threadId = aThreadId();
    for (const n of [3, 1, 2])
      await rows.anEvent(channel, threadId, {
        id: anId(`late ${threadId} ${n}`),
        text: `${n}`,
        receivedAt: at(n),
      });
    const dispatcher = await aDispatcher();

    await dispatcher.run(anId(`late ${threadId} 3`));

    expect(await questions(threadId)).toEqual(['1', '2', '3']);
    expect((await turns(threadId)).map(({ state }) => state)).toEqual([
      'active',
      'queued',
      'queued',
    ]);
    expect(dispatcher.generation.jobs).toHaveLength(1);
  });

  it('P2 P3 is opened once when two dispatchers race for a new thread and a new person', async () => {
    const channel = await rows.aChannel();
    const [one, two] = [await aDispatcher(), await aDispatcher()];
    for (let round = 0; round < 5; round += 1) {
      const threadId = aThreadId();
      const events: string[] = [];
      for (let n = 0; n < 6; n += 1)
        events.push(await rows.anEvent(channel, threadId, { text: `${n}`, receivedAt: at(n) }));

      await Promise.all(events.map((event, n) => (n % 2 ? one : two).run(event)));

      expect(await questions(threadId)).toEqual(['0', '1', '2', '3', '4', '5']);
      expect((await turns(threadId)).map(({ seq }) => Number(seq))).toEqual([1, 2, 3, 4, 5, 6]);
    }
    expect(one.generation.jobs.length + two.generation.jobs.length).toBe(5);
    expect([...one.logger.lines, ...two.logger.lines]).toEqual([]);
    expect(await stores.sql(`SELECT member_id FROM identity WHERE value = 'staff-1'`)).toHaveLength(
      1,
    );
  });

  it('tells to which organisation the bot belongs, unless somebody said so', async () => {
    const channel = await rows.aChannel();
    const dispatcher = await aDispatcher();
    const organization = () =>
      stores.one(
        `SELECT o.id, o.corp_id, o.learned FROM organization o JOIN channel c ON c.organization_id = o.id WHERE c.id = $1`,
        [channel],
      );

    await dispatcher.run(await rows.anEvent(channel, aThreadId()));
    const learned = await organization();
    await dispatcher.run(await rows.anEvent(channel, aThreadId()));

    expect(learned).toMatchObject({ corp_id: anInboundMessage().corpId, learned: true });
    expect(await organization()).toEqual(learned);
  });

  it('P3 never lets a second turn of a thread be open', async () => {
    const thread = await rows.aThread();
    await rows.aTurn(thread);
    await expect(rows.aTurn(thread)).rejects.toMatchObject({ constraint: 'turn_one_open' });
  });
});

describe('the next event of a thread', () => {
  it('comes in one round trip, with the lock and with who asks', async () => {
    const channel = await rows.aChannel();
    const threadId = aThreadId();
    const dispatcher = await aDispatcher();
    await dispatcher.run(await rows.anEvent(channel, threadId, { receivedAt: new Date() }));
    await stores.sql(
      `UPDATE turn SET state = 'delivered', outcome = 'answered', answer = 'Noon.', ended_at = now() WHERE thread_id = $1`,
      [threadId],
    );
    const event = await rows.anEvent(channel, threadId, { receivedAt: new Date() });
    const query = jest.spyOn(Client.prototype, 'query');

    await dispatcher.run(event);
    const sent = query.mock.calls.map(
      ([config]) => config as unknown as { name?: string; text: string },
    );
    query.mockRestore();

    expect(sent.map(({ name, text }) => name ?? text)).toEqual([
      ...['lane.origins', expect.stringMatching(/^BEGIN; SET LOCAL/)],
      ...['lane.next', 'turn.open', 'COMMIT'],
    ]);
  });

  it('says of the asker what is said when asked, and of the message what was journaled', async () => {
    const { tenantId } = rows;
    const channel = await rows.aChannel();
    const threadId = aThreadId();
    const dispatcher = await aDispatcher();
    for (const n of [1, 2])
      await dispatcher.run(await rows.anEvent(channel, threadId, { receivedAt: at(n) }));
    const event = await rows.anEvent(channel, threadId, { receivedAt: at(3) });
    const link = Buffer.alloc(300, 0xfe);
    await stores.sql(
      `UPDATE inbound_event SET reply_webhook = $2, reply_webhook_expires_at = $3 WHERE id = $1`,
      [event, link, at(4)],
    );
    await stores.sql(
      `INSERT INTO member_channel (tenant_id, member_id, channel_id, locale, pairing, welcomed_at, minute_at, minute_questions,
                                   minute_commands, day_on, day_questions)
       SELECT tenant_id, member_id, channel_id, 'zh', 'approved', now(), date_trunc('minute', now()), 3, 4,
              (now() AT TIME ZONE 'Asia/Shanghai')::date, 5 FROM thread WHERE id = $1`,
      [threadId],
    );

    const { next, told, asked } = await dispatcher.database.inTenant(tenantId, async (tx) => {
      const next = (await dispatcher.part(ThreadLaneRepository).next(tx, tenantId, threadId))
        ?.event;
      if (!next) throw new Error('nothing waits');
      const memberId = next.thread.memberId ?? '';
      const askers = dispatcher.part(AskersRepository);
      const told = await askers.know(tx, next, memberId);
      const asked = await askers.know(tx, { ...next, thread: { memberId, asker: null } }, memberId);
      return { next, told, asked };
    });

    expect(told).toEqual(asked);
    expect(told).toMatchObject({ locale: 'zh', pairing: 'approved', wasWelcomed: true, queued: 1 });
    expect(next).toMatchObject({ id: event, hasMore: false, receivedAt: at(3) });
    expect(next).toMatchObject({ replyWebhook: link, replyWebhookExpiresAt: at(4) });
    expect(next.thread).toMatchObject({ lastSeq: 2, session: { number: 1 } });
    expect(next.message).toEqual({
      ...anInboundMessage({ messageId: event }),
      replyWebhook: undefined,
    });
  });
});

describe('commands and sessions', () => {
  it('answers /help beside a running turn, once, without a turn', async () => {
    const channel = await rows.aChannel();
    const threadId = aThreadId();
    const dispatcher = await aDispatcher();
    await dispatcher.run(await rows.anEvent(channel, threadId, { receivedAt: at(1) }));
    const help = await rows.anEvent(channel, threadId, { text: '/help', receivedAt: at(2) });

    await dispatcher.run(help);
    await dispatcher.run(help);

    expect(dispatcher.generation.jobs).toHaveLength(1);
    expect(dispatcher.delivery.jobs).toHaveLength(2);
    expect(
      await stores.sql('SELECT text, state FROM delivery WHERE event_id = $1', [help]),
    ).toEqual([{ text: expect.stringContaining('I am Carillon') as string, state: 'open' }]);
  });

  it('P6 puts what comes after /new into another session', async () => {
    const channel = await rows.aChannel();
    const threadId = aThreadId();
    const texts = ['a', 'b', '/new', 'c'];
    for (const [n, text] of texts.entries())
      await rows.anEvent(channel, threadId, { text, receivedAt: at(n) });
    const [first] = await stores.sql('SELECT id FROM inbound_event WHERE thread_id = $1', [
      threadId,
    ]);

    await (await aDispatcher()).run(String(first?.['id']));

    const sessions = (await turns(threadId)).map(({ session_id }) => session_id);
    expect(sessions[0]).toBe(sessions[1]);
    expect(sessions[2]).not.toBe(sessions[1]);
    expect(
      await stores.sql(
        'SELECT number, ended_at IS NOT NULL AS ended FROM session WHERE thread_id = $1 ORDER BY number',
        [threadId],
      ),
    ).toEqual([
      { number: 1, ended: true },
      { number: 2, ended: false },
    ]);
  });

  it('starts another session after the idle time', async () => {
    const channel = await rows.aChannel({ session: { scope: 'person', idleMinutes: 1 } });
    const threadId = aThreadId();
    const dispatcher = await aDispatcher();
    for (const seconds of [0, 59, 119])
      await dispatcher.run(await rows.anEvent(channel, threadId, { receivedAt: at(seconds) }));

    const sessions = (await turns(threadId)).map(({ session_id }) => session_id);
    expect(new Set(sessions.slice(0, 2)).size).toBe(1);
    expect(sessions[2]).not.toBe(sessions[1]);
  });

  it('refuses in one sentence while the channel is disabled', async () => {
    const channel = await rows.aChannel({ enabled: false });
    const threadId = aThreadId();
    const event = await rows.anEvent(channel, threadId);
    await (await aDispatcher()).run(event);
    expect(await turns(threadId)).toEqual([]);
    expect(await stores.one('SELECT text FROM delivery WHERE event_id = $1', [event])).toEqual({
      text: expect.stringContaining('switched off') as string,
    });
  });
});

it('P10 sets an event aside that can never be processed, and lets the thread go on', async () => {
  const channel = await rows.aChannel();
  const threadId = aThreadId();
  const dispatcher = await aDispatcher();
  await dispatcher.run(
    await rows.anEvent(channel, threadId, { text: 'before', receivedAt: at(0) }),
  );
  const bad = await rows.anEvent(channel, threadId, {
    content: { text: null, conversation: { id: 'c', kind: 'direct' }, sender: {} },
    receivedAt: at(1),
  });
  const good = await rows.anEvent(channel, threadId, { text: 'after', receivedAt: at(2) });

  for (let n = 0; n < 5; n += 1) await expect(dispatcher.run(good)).rejects.toThrow();
  await dispatcher.run(good);

  expect(
    await stores.one('SELECT state, failures FROM inbound_event WHERE id = $1', [bad]),
  ).toEqual({
    state: 'quarantined',
    failures: 5,
  });
  expect(await questions(threadId)).toEqual(['before', 'after']);
});
