import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { newId } from '@common/kernel';
import { RedisKeys } from '@common/redis';

import { Retention } from '../src/privacy/retention.service';
import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn, type Conversation } from './conversation.fixture';
import { answerFile, sentFile } from './files.fixture';

const CANARY = 'canary-7f3a9';
const never = new AbortController().signal;

describe('privacy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-files-'));
  let api: RunningAdminApi;
  let redis: Redis;

  beforeAll(async () => {
    api = await RunningAdminApi.start({ FILES_DIR: folder });
    redis = api.use(SHARED_REDIS as never);
  });
  afterAll(async () => {
    await api.stop();
    rmSync(folder, { recursive: true });
  });

  /** Words of one person in every place that keeps words. */
  async function planted(chat: Conversation, turn: string): Promise<void> {
    const { tenantId, memberId, sessionId, threadId, channelId } = chat;
    const { sql } = api;
    const run = (text: string, ...values: unknown[]) => sql.call(api, text, values);
    await run(
      `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, 'staff', 'c', $2, $3)`,
      tenantId,
      `staff ${CANARY}`,
      memberId,
    );
    await run(
      `INSERT INTO member_memory (id, tenant_id, member_id, text, origin) VALUES ($1, $2, $3, $4, 'direct')`,
      newId(),
      tenantId,
      memberId,
      CANARY,
    );
    await run(
      `UPDATE message SET parts = jsonb_build_array($2::text) WHERE turn_id = $1`,
      turn,
      CANARY,
    );
    await run(
      `INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text) VALUES ($1, $2, $3, $4, 1, 'assistant', $5)`,
      newId(),
      tenantId,
      sessionId,
      turn,
      CANARY,
    );
    await run(`UPDATE turn SET error_message = $2, attempt = 1 WHERE id = $1`, turn, CANARY);
    await run(`UPDATE session SET title = $2 WHERE id = $1`, sessionId, CANARY);
    await run(
      `INSERT INTO session_summary (session_id, tenant_id, up_to_seq, text) VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING`,
      sessionId,
      tenantId,
      CANARY,
    );
    await run(
      `UPDATE conversation SET title = $2, kind = 'direct' FROM thread t WHERE t.id = $1 AND conversation.id = t.conversation_id`,
      threadId,
      CANARY,
    );
    await run(
      `INSERT INTO tool_call (id, tenant_id, turn_id, attempt, key, n, name, arguments, is_read_only, state, result) VALUES ($1, $2, $3, 1, $4, 1, 'x', jsonb_build_object('a', $4::text), true, 'finished', $4)`,
      newId(),
      tenantId,
      turn,
      CANARY,
    );
    await run(
      `INSERT INTO turn_wait (turn_id, tenant_id, conversation, question) VALUES ($1, $2, jsonb_build_array($3::text), $3)`,
      turn,
      tenantId,
      CANARY,
    );
    await run(
      `UPDATE delivery SET target = jsonb_build_object('kind', 'direct', 'name', $2::text), reply_webhook = convert_to($2, 'UTF8'), error_message = $2 WHERE turn_id = $1`,
      turn,
      CANARY,
    );
    await run(
      `INSERT INTO delivery_piece (tenant_id, delivery_id, n, total, text) SELECT tenant_id, id, 1, 1, $2 FROM delivery WHERE turn_id = $1`,
      turn,
      CANARY,
    );
    await run(
      `UPDATE inbound_event SET raw = convert_to($2, 'UTF8'), content = jsonb_build_object('text', $2::text), thread_id = $3 WHERE turn_id = $1`,
      turn,
      CANARY,
      threadId,
    );
    await run(
      `INSERT INTO feedback (id, tenant_id, channel_id, turn_id, member_id, kind, text) VALUES ($1, $2, $3, $4, $5, 'text', $6)`,
      newId(),
      tenantId,
      channelId,
      turn,
      memberId,
      CANARY,
    );
    await aCommand(chat);
    await sentFile(api, chat, turn, CANARY);
    await answerFile(api, chat, turn, CANARY);
    await redis.xadd(new RedisKeys(api.redisPrefix).replyStream(turn, 1), '*', 'text', CANARY);
    await api.patch(`/members/${memberId}`, { name: CANARY, attributes: { title: CANARY } });
  }

  /** What the person sent in a group that shares its thread: only the sender says whose it is. */
  async function aCommand({ tenantId, channelId }: Conversation): Promise<void> {
    const event = newId();
    const content = { sender: { staffId: `staff ${CANARY}` }, text: `/help ${CANARY}` };
    await api.sql(
      `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, received_at, raw, content, state)
        VALUES ($1, $2, $3, 'message', now() - interval '40 days', convert_to($4, 'UTF8'), $4::jsonb, 'processed')`,
      [event, tenantId, channelId, JSON.stringify(content)],
    );
    await api.sql(
      `INSERT INTO delivery (id, tenant_id, channel_id, event_id, state, text, locale, target, ended_at)
        VALUES ($1, $2, $3, $4, 'delivered', $5, 'en', '{"kind": "direct"}', now())`,
      [newId(), tenantId, channelId, event, CANARY],
    );
  }

  /** Everywhere the canary still is: tables (bytes too), Redis, files, log lines. */
  async function sightings(): Promise<string[]> {
    const tables = await api.sql<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1`,
      [api.redisPrefix],
    );
    const hex = Buffer.from(CANARY).toString('hex');
    const found: string[] = [];
    for (const { name } of tables) {
      const [row] = await api.sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM ${name} r WHERE r::text LIKE $1 OR r::text LIKE $2`,
        [`%${CANARY}%`, `%${hex}%`],
      );
      if (Number(row?.n) > 0) found.push(name);
    }
    for (const key of await redis.keys(`*${api.redisPrefix}*`))
      if ((await redis.dumpBuffer(key))?.includes(CANARY)) found.push(`redis ${key.split(':')[1]}`);
    if (filesIn(folder).some((file) => readFileSync(file).includes(CANARY))) found.push('files');
    if (api.logLines.some((line) => line.includes(CANARY))) found.push('logs');
    return found;
  }

  const old = (turn: string) =>
    api.sql(`UPDATE turn SET created_at = now() - interval '40 days' WHERE id = $1`, [turn]);
  const isWhole = async () => (await api.get('/audit/verify')).body.whole as boolean;

  it('erases a person: no word of theirs is in any table, Redis key, file or log', async () => {
    const chat = await aConversation(api);
    const turn = await aTurn(api, chat, {
      state: 'delivered',
      outcome: 'answered',
      answer: CANARY,
      question: CANARY,
      delivery: 'delivered',
    });
    await planted(chat, turn);
    expect((await sightings()).length).toBeGreaterThan(15);

    const { body } = await api.post(`/members/${chat.memberId}/erase`);

    expect(body).toEqual({
      memberId: chat.memberId,
      state: 'erased',
      turns: 1,
      events: 1,
      files: 1,
    });
    expect(await sightings()).toEqual([]);
    expect((await api.get(`/members/${chat.memberId}/privacy`)).body.erasedAt).not.toBeNull();
    const [tombstone] = (await api.get(`/audit?action=member.erase&resourceId=${chat.memberId}`))
      .body.items;
    expect(tombstone).toMatchObject({
      actor: { keyId: 'bootstrap' },
      after: { redacted: [expect.anything()] },
    });
    expect(await isWhole()).toBe(true);
    expect((await api.get(`/turns/${turn}`)).body).toMatchObject({ state: 'delivered' });
    expect((await api.post(`/members/${chat.memberId}/erase`)).body).toMatchObject({
      state: 'erased',
      turns: 0,
    });
  });

  it('stops what is under way first, and finishes by itself', async () => {
    const chat = await aConversation(api);
    const turn = await aTurn(api, chat, { state: 'active', question: CANARY });

    expect((await api.post(`/members/${chat.memberId}/erase`)).body).toMatchObject({
      state: 'pending',
      turns: 0,
    });
    expect((await api.get(`/turns/${turn}`)).body.cancelRequestedAt).not.toBeNull();
    await api.use(Retention).run(never);
    expect(await sightings()).toContain('message');

    await api.sql(
      `UPDATE turn SET state = 'cancelled', outcome = 'cancelled', answer = $2, ended_at = now() WHERE id = $1`,
      [turn, CANARY],
    );
    await api.use(Retention).run(never);
    expect(await sightings()).toEqual([]);
  });

  it('keeps what a legal hold keeps, of a person or of a channel', async () => {
    const chat = await aConversation(api);
    const turn = await aTurn(api, chat, {
      state: 'delivered',
      outcome: 'answered',
      answer: 'Kept.',
      question: 'Kept?',
      delivery: 'delivered',
    });
    await old(turn);
    const path = (what: string) =>
      what === 'members' ? `/members/${chat.memberId}` : `/channels/${chat.channelId}`;
    await api.patch(`${path('channels')}/privacy`, { retentionDays: 30 });
    for (const what of ['members', 'channels']) {
      expect((await api.patch(`${path(what)}/privacy`, { legalHold: true })).body.legalHold).toBe(
        true,
      );
      const refused = await api.post(`/members/${chat.memberId}/erase`);
      expect([refused.status, refused.body.code]).toEqual([409, 'legal_hold']);
      await api.use(Retention).run(never);
      expect((await api.get(`/sessions/${chat.sessionId}/messages`)).body.items).toHaveLength(1);
      await api.patch(`${path(what)}/privacy`, { legalHold: false });
    }
    await api.use(Retention).run(never);
    expect((await api.get(`/sessions/${chat.sessionId}/messages`)).body.items).toHaveLength(0);
  });

  it('lets go of what a channel keeps no longer, and of nothing else', async () => {
    const [chat, other] = [await aConversation(api), await aConversation(api)];
    const said = {
      state: 'delivered',
      outcome: 'answered',
      answer: 'A',
      delivery: 'delivered',
    } as const;
    const [past, present, elsewhere] = [
      await aTurn(api, chat, said),
      await aTurn(api, chat, said),
      await aTurn(api, other, said),
    ];
    for (const turn of [past, elsewhere]) await old(turn);
    await aCommand(chat);
    await api.patch(`/channels/${chat.channelId}/privacy`, { retentionDays: 30 });

    await api.use(Retention).run(never);

    const erased = await api.sql<{ id: string }>(
      'SELECT id FROM turn WHERE erased_at IS NOT NULL AND id = ANY ($1)',
      [[past, present, elsewhere]],
    );
    expect(erased).toEqual([{ id: past }]);
    expect(await sightings()).toEqual([]);
  });

  it('hands out all that is kept of a person', async () => {
    const chat = await aConversation(api);
    const turn = await aTurn(api, chat, {
      state: 'delivered',
      outcome: 'answered',
      answer: 'An answer',
      question: 'A question',
      delivery: 'delivered',
    });
    await planted(chat, turn);

    const { text } = await api.get(`/members/${chat.memberId}/export`);

    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(new Set(lines.map(({ type }) => type))).toEqual(
      new Set(['member', 'identity', 'memory', 'feedback', 'file', 'message']),
    );
    expect(text).toContain('A question');
    const [read] = (await api.get('/audit?action=members-export.&limit=1')).body.items.concat(
      (await api.get('/audit?limit=1')).body.items,
    );
    expect(read).toMatchObject({ resourceId: chat.memberId });
    await api.post(`/members/${chat.memberId}/erase`);
    expect(await sightings()).toEqual([]);
  });
});

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile());
