import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import type { TurnRow } from './turns.repository';

/** What is to be announced to the queues once the transaction is committed. */
export interface Woken {
  turn_id: string;
  turn_wake: number;
  delivery_id: string;
  delivery_wake: number;
}

/** The statements of a retry. The caller holds the thread's lock. */
@Injectable()
export class TurnRetryRepository {
  /** The newest turn made from this one, and how many there are. */
  async newestRetry(
    tx: Tx,
    tenantId: string,
    id: string,
  ): Promise<{ id: string | null; n: number }> {
    const rows = await tx.query<{ id: string }>(
      'SELECT id FROM turn WHERE tenant_id = $1 AND retry_of = $2 ORDER BY seq DESC',
      [tenantId, id],
    );
    return { id: rows[0]?.id ?? null, n: rows.length };
  }

  async deliveries(tx: Tx, tenantId: string, turnId: string): Promise<number> {
    const rows = await tx.query('SELECT 1 FROM delivery WHERE tenant_id = $1 AND turn_id = $2', [
      tenantId,
      turnId,
    ]);
    return rows.length;
  }

  /** The same question to the agent as it is now: whatever made it fail may have been put right. */
  async insertTurn(tx: Tx, tenantId: string, id: string, turn: TurnRow): Promise<void> {
    const [thread] = await tx.query<{ last_seq: string }>(
      'UPDATE thread SET last_seq = last_seq + 1 WHERE tenant_id = $1 AND id = $2 RETURNING last_seq',
      [tenantId, turn.thread_id],
    );
    await tx.query(INSERT_TURN, [tenantId, id, turn.id, thread?.last_seq]);
    await tx.query(
      `INSERT INTO turn_step (tenant_id, turn_id, step, detail) VALUES ($1, $2, 'queued', $3)`,
      [tenantId, id, JSON.stringify({ retryOf: turn.id })],
    );
  }

  questions(tx: Tx, tenantId: string, turnId: string): Promise<{ id: string }[]> {
    return tx.query(
      `SELECT id FROM message WHERE tenant_id = $1 AND turn_id = $2 AND role = 'user' ORDER BY created_at, id`,
      [tenantId, turnId],
    );
  }

  async copyQuestion(
    tx: Tx,
    tenantId: string,
    copy: { readonly of: string; readonly id: string; readonly turnId: string },
  ): Promise<void> {
    await tx.query(
      `INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text)
        SELECT $3, m.tenant_id, m.session_id, t.id, t.seq, m.role, m.text
        FROM message m JOIN turn t ON t.id = $4 WHERE m.tenant_id = $1 AND m.id = $2`,
      [tenantId, copy.of, copy.id, copy.turnId],
    );
  }

  /** To where the latest delivery of `ofTurnId` went. */
  async copyDelivery(
    tx: Tx,
    tenantId: string,
    copy: { readonly ofTurnId: string; readonly id: string; readonly turnId: string },
  ): Promise<void> {
    await tx.query(
      `INSERT INTO delivery (id, tenant_id, channel_id, turn_id, locale, target, reply_webhook,
          reply_webhook_expires_at)
        SELECT $3, tenant_id, channel_id, $4, locale, target, reply_webhook, reply_webhook_expires_at
        FROM delivery WHERE tenant_id = $1 AND turn_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1`,
      [tenantId, copy.ofTurnId, copy.id, copy.turnId],
    );
  }

  activateNext(tx: Tx, tenantId: string, threadId: string): Promise<Woken[]> {
    return tx.query<Woken>('SELECT * FROM activate_next_turn($1, $2)', [tenantId, threadId]);
  }
}

const INSERT_TURN = `
  INSERT INTO turn (id, tenant_id, channel_id, thread_id, session_id, member_id, agent_version_id, seq, locale, retry_of)
  SELECT $2, t.tenant_id, t.channel_id, t.thread_id, t.session_id, t.member_id,
    COALESCE(a.current_version_id, t.agent_version_id), $4, t.locale, t.id
  FROM turn t
    LEFT JOIN agent_version v ON v.id = t.agent_version_id
    LEFT JOIN channel c ON c.id = t.channel_id
    LEFT JOIN agent a ON a.id = COALESCE(v.agent_id, c.default_agent_id) AND a.tenant_id = t.tenant_id
  WHERE t.tenant_id = $1 AND t.id = $3`;
