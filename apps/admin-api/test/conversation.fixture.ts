import { newId } from '@common/kernel';

import type { CallOptions, RunningAdminApi } from './admin-api.fixture';

export interface Conversation {
  readonly tenantId: string;
  readonly channelId: string;
  readonly threadId: string;
  readonly sessionId: string;
  readonly memberId: string;
  readonly versionId: string;
}

export interface TurnState {
  readonly state: string;
  readonly outcome?: string;
  readonly answer?: string;
  readonly question?: string;
  readonly delivery?: 'open' | 'delivered' | 'undelivered';
}

/** A conversation as the dispatcher would have written it. */
export async function aConversation(
  api: RunningAdminApi,
  options?: CallOptions,
): Promise<Conversation> {
  const agent = await api.created('/agents', { name: 'A', kind: 'demo' }, options);
  const { id: channelId } = await api.channel({ defaultAgentId: agent.id }, options);
  const [row] = await api.sql<{ tenant_id: string }>(
    'SELECT tenant_id FROM channel WHERE id = $1',
    [channelId],
  );
  const tenantId = String(row?.tenant_id);
  const [memberId, conversationId, threadId, sessionId] = [newId(), newId(), newId(), newId()];
  await api.sql(`INSERT INTO member (id, tenant_id, name) VALUES ($1, $2, 'Zhang San')`, [
    memberId,
    tenantId,
  ]);
  await api.sql(
    `INSERT INTO conversation (id, tenant_id, channel_id, platform_id, kind, title)
      VALUES ($1, $2, $3, 'cid1', 'group', 'Team')`,
    [conversationId, tenantId, channelId],
  );
  await api.sql(
    `INSERT INTO thread (id, tenant_id, channel_id, conversation_id, member_id) VALUES ($1, $2, $3, $4, $5)`,
    [threadId, tenantId, channelId, conversationId, memberId],
  );
  await api.sql('INSERT INTO session (id, tenant_id, thread_id, number) VALUES ($1, $2, $3, 1)', [
    sessionId,
    tenantId,
    threadId,
  ]);
  await api.sql('UPDATE thread SET current_session_id = $2 WHERE id = $1', [threadId, sessionId]);
  return {
    tenantId,
    channelId,
    threadId,
    sessionId,
    memberId,
    versionId: agent.currentVersionId,
  };
}

/** A turn of it, with its question, its inbound event and its delivery. */
export async function aTurn(
  api: RunningAdminApi,
  where: Conversation,
  given: TurnState,
): Promise<string> {
  const { state, outcome = null, answer = null, question = 'Why?', delivery = 'open' } = given;
  const id = newId();
  const isEnded = ['delivered', 'failed', 'cancelled'].includes(state);
  const [thread] = await api.sql<{ last_seq: string }>(
    'UPDATE thread SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq',
    [where.threadId],
  );
  await api.sql(
    `INSERT INTO turn (id, tenant_id, channel_id, thread_id, session_id, member_id, agent_version_id, seq, state,
        outcome, locale, answer, error_code, error_message, activated_at, ended_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'zh', $11, $12, $13,
        CASE WHEN $9 = 'queued' THEN NULL ELSE now() END, CASE WHEN $14 THEN now() END)`,
    [
      id,
      where.tenantId,
      where.channelId,
      where.threadId,
      where.sessionId,
      where.memberId,
      where.versionId,
      thread?.last_seq,
      state,
      outcome,
      answer,
      outcome === 'failed' ? 'model_busy' : null,
      outcome === 'failed' ? 'The model is busy.' : null,
      isEnded,
    ],
  );
  await api.sql(
    `INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text)
      VALUES ($1, $2, $3, $4, $5, 'user', $6)`,
    [newId(), where.tenantId, where.sessionId, id, thread?.last_seq, question],
  );
  await api.sql(
    `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, platform_message_id, received_at, raw, state, turn_id)
      VALUES ($1, $2, $3, 'message', $4, now() - interval '1 second', '\\x00', 'processed', $5)`,
    [newId(), where.tenantId, where.channelId, `msg-${id}`, id],
  );
  await api.sql(
    `INSERT INTO delivery (id, tenant_id, channel_id, turn_id, state, way, locale, target, ended_at)
      VALUES ($1, $2, $3, $4, $5, CASE WHEN $5 = 'delivered' THEN 'card' END, 'zh', '{"kind":"direct"}',
        CASE WHEN $5 <> 'open' THEN now() END)`,
    [newId(), where.tenantId, where.channelId, id, delivery],
  );
  return id;
}
