import { derivedId } from '@common/kernel';

import type { Tx } from './database';
import { activateNext, type Work } from './work';

export interface Reasked {
  /** The new turn, or the retry that is already under way. */
  readonly turnId: string;
  readonly isNew: boolean;
  readonly work: Work;
}

interface RetryRow {
  id: string;
  is_open: boolean;
}

/**
 * Asks an ended turn's question again, as a new turn of the same session: terminal states are final (design §2). Asked
 * twice while the first retry is under way, it is the same retry. It goes to the agent as it is now, whatever made it
 * fail may have been put right; and to where the latest delivery went. The caller holds the thread's row lock.
 */
export async function reaskTurn(tx: Tx, tenantId: string, ofTurnId: string): Promise<Reasked> {
  const retries = await tx.query<RetryRow>(RETRIES, [tenantId, ofTurnId]);
  const newest = retries[0];
  if (newest?.is_open) return { turnId: newest.id, isNew: false, work: {} };

  const turnId = derivedId(ofTurnId, 'retry', String(retries.length + 1));
  const [turn] = await tx.query<{ thread_id: string }>(NEW_TURN, [tenantId, ofTurnId, turnId]);
  if (!turn) throw new RangeError('no such turn');
  await copyQuestions(tx, tenantId, ofTurnId, turnId);
  await tx.query(COPY_DELIVERY, [tenantId, ofTurnId, turnId, derivedId(turnId, 'delivery')]);
  return { turnId, isNew: true, work: await activateNext(tx, tenantId, turn.thread_id) };
}

async function copyQuestions(
  tx: Tx,
  tenantId: string,
  ofTurnId: string,
  turnId: string,
): Promise<void> {
  const questions = await tx.query<{ id: string }>(
    `SELECT id FROM message WHERE tenant_id = $1 AND turn_id = $2 AND role = 'user' ORDER BY created_at, id`,
    [tenantId, ofTurnId],
  );
  for (const { id } of questions)
    await tx.query(COPY_QUESTION, [tenantId, id, derivedId(turnId, 'message', id), turnId]);
}

const RETRIES = `
SELECT id, ended_at IS NULL AS is_open FROM turn WHERE tenant_id = $1 AND retry_of = $2 ORDER BY seq DESC`;

const NEW_TURN = `
WITH counted AS (
  UPDATE thread th SET last_seq = last_seq + 1 FROM turn t
   WHERE t.tenant_id = $1 AND t.id = $2 AND th.tenant_id = $1 AND th.id = t.thread_id RETURNING th.last_seq
), opened AS (
  INSERT INTO turn (id, tenant_id, channel_id, thread_id, session_id, member_id, agent_version_id, model_id, seq, locale,
                    retry_of)
  SELECT $3, t.tenant_id, t.channel_id, t.thread_id, t.session_id, t.member_id,
         version_for_session(t.tenant_id, t.channel_id, t.session_id, COALESCE(a.current_version_id, t.agent_version_id)),
         t.model_id, counted.last_seq, t.locale, t.id
    FROM turn t
    CROSS JOIN counted
    LEFT JOIN agent_version v ON v.id = t.agent_version_id
    LEFT JOIN channel c ON c.id = t.channel_id
    LEFT JOIN agent a ON a.id = COALESCE(v.agent_id, c.default_agent_id) AND a.tenant_id = t.tenant_id
   WHERE t.tenant_id = $1 AND t.id = $2
  RETURNING tenant_id, id, thread_id
), noted AS (
  INSERT INTO turn_step (tenant_id, turn_id, step, detail)
  SELECT tenant_id, id, 'queued', jsonb_build_object('retryOf', $2::uuid) FROM opened
)
SELECT thread_id FROM opened`;

const COPY_QUESTION = `
INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text, parts)
SELECT $3, m.tenant_id, m.session_id, t.id, t.seq, m.role, m.text, m.parts
  FROM message m JOIN turn t ON t.id = $4 WHERE m.tenant_id = $1 AND m.id = $2`;

const COPY_DELIVERY = `
INSERT INTO delivery (id, tenant_id, channel_id, turn_id, locale, target, reply_webhook, reply_webhook_expires_at)
SELECT $4, tenant_id, channel_id, $3, locale, target, reply_webhook, reply_webhook_expires_at
  FROM delivery WHERE tenant_id = $1 AND turn_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1`;
