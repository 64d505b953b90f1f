import { Injectable } from '@nestjs/common';

import type { DeliveryState, DeliveryWay, Outcome, TurnState } from '@common/domain';
import { Database, type Tx } from '@common/persistence';

export interface TurnRow {
  id: string;
  channel_id: string;
  thread_id: string;
  session_id: string;
  member_id: string;
  state: TurnState;
  outcome: Outcome | null;
  attempt: number;
  queue_position: number | null;
  agent_version_id: string | null;
  error_code: string | null;
  error_message: string | null;
  delivery_id: string | null;
  delivery_state: DeliveryState | null;
  delivery_way: DeliveryWay | null;
  created_at: Date;
  ended_at: Date | null;
  platform_message_ids: string[];
  retry_of: string | null;
  cancel_requested_at: Date | null;
  erased_at: Date | null;
  cursor_at: string;
}

export interface TurnFilter {
  readonly state: TurnState | undefined;
  readonly channelId: string | undefined;
  readonly sessionId: string | undefined;
  readonly platformMessageId: string | undefined;
  readonly after: readonly string[] | null;
  readonly limit: number;
}

// A retried turn answers the messages of the one it was made from.
const SELECT = `SELECT t.id, t.channel_id, t.thread_id, t.session_id, t.member_id, t.state, t.outcome, t.attempt,
    CASE t.state WHEN 'queued' THEN (SELECT count(*)::int + 1 FROM turn o WHERE o.thread_id = t.thread_id
      AND o.seq < t.seq AND o.state IN ('queued', 'active', 'waiting', 'generated'))
      WHEN 'active' THEN permit_place(t.permit_pool, t.permit_since, t.id) END AS queue_position,
    t.agent_version_id, t.error_code,
    COALESCE(t.error_message, CASE t.error_code WHEN 'undelivered' THEN d.error_message END) AS error_message,
    d.id AS delivery_id, d.state AS delivery_state, d.way AS delivery_way, t.created_at, t.ended_at, t.retry_of, t.cancel_requested_at, t.erased_at,
    t.created_at::text AS cursor_at,
    ARRAY(
      WITH RECURSIVE origin (id, retry_of) AS (
        SELECT t.id, t.retry_of UNION ALL SELECT p.id, p.retry_of FROM turn p JOIN origin o ON p.id = o.retry_of)
      SELECT e.platform_message_id FROM inbound_event e JOIN origin o ON e.turn_id = o.id
      WHERE e.tenant_id = t.tenant_id AND e.platform_message_id IS NOT NULL ORDER BY e.received_at, e.id
    ) AS platform_message_ids
  FROM turn t LEFT JOIN LATERAL (
    SELECT id, state, way, error_message FROM delivery WHERE turn_id = t.id
      ORDER BY created_at DESC, id DESC LIMIT 1) d ON true
  WHERE t.tenant_id = $1`;

const BY_MESSAGE = `t.id IN (
  WITH RECURSIVE asked (id) AS (
    SELECT e.turn_id FROM inbound_event e WHERE e.tenant_id = $1 AND e.platform_message_id = $5
    UNION SELECT r.id FROM turn r JOIN asked a ON r.retry_of = a.id WHERE r.tenant_id = $1)
  SELECT id FROM asked)`;

@Injectable()
export class TurnsRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(tenantId: string, filter: TurnFilter): Promise<TurnRow[]> {
    return this.database.inTenantOnce<TurnRow>(
      tenantId,
      `${SELECT} AND ($2::text IS NULL OR t.state = $2) AND ($3::uuid IS NULL OR t.channel_id = $3)
          AND ($4::uuid IS NULL OR t.session_id = $4) AND ($5::text IS NULL OR ${BY_MESSAGE})
          AND ($6::timestamptz IS NULL OR (t.created_at, t.id) < ($6, $7::uuid))
        ORDER BY t.created_at DESC, t.id DESC LIMIT $8`,
      [
        tenantId,
        filter.state ?? null,
        filter.channelId ?? null,
        filter.sessionId ?? null,
        filter.platformMessageId ?? null,
        filter.after?.[0] ?? null,
        filter.after?.[1] ?? null,
        filter.limit,
      ],
    );
  }

  async find(tenantId: string, id: string, tx?: Tx): Promise<TurnRow | undefined> {
    const text = `${SELECT} AND t.id = $2`;
    const [row] = tx
      ? await tx.query<TurnRow>(text, [tenantId, id])
      : await this.database.inTenantOnce<TurnRow>(tenantId, text, [tenantId, id]);
    return row;
  }

  /** Locks the turn's thread, as everybody does who changes its turns; then reads the turn. */
  async lock(tx: Tx, tenantId: string, id: string): Promise<TurnRow | undefined> {
    await tx.query(
      `SELECT 1 FROM thread WHERE id = (SELECT thread_id FROM turn WHERE tenant_id = $1 AND id = $2) FOR UPDATE`,
      [tenantId, id],
    );
    return this.find(tenantId, id, tx);
  }
}
