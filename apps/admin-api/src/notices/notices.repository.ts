import { Injectable } from '@nestjs/common';

import type { NoticeContent } from '@common/domain';
import { Database, type Tx } from '@common/persistence';

import type { NoticeView } from './notices.dto';

export interface NoticeRow extends Record<string, unknown> {
  id: string;
  channel_id: string;
  kind: NoticeView['kind'];
  content: NoticeContent;
  state: NoticeView['state'];
  send_at: Date;
  idempotency_key: string | null;
  request_hash: string;
  recipients: NoticeView['recipients'];
  clicks: number;
  wake: number;
  cancel_requested_at: Date | null;
  recall_requested_at: Date | null;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
  cursor_at: string;
}

export interface NoticeFilter {
  readonly channelId: string | undefined;
  readonly state: string | undefined;
  readonly after: readonly string[] | null;
  readonly limit: number;
}

export interface NewNotice {
  readonly id: string;
  readonly channelId: string;
  readonly kind: string;
  readonly content: NoticeContent;
  readonly sendAt: Date | null;
  readonly idempotencyKey: string | null;
  readonly requestHash: string;
}

@Injectable()
export class NoticesRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(tenantId: string, filter: NoticeFilter): Promise<NoticeRow[]> {
    return this.database.inTenantOnce<NoticeRow>(
      tenantId,
      `${SELECT} AND ($2::uuid IS NULL OR n.channel_id = $2) AND ($3::text IS NULL OR n.state = $3)
          AND ($4::timestamptz IS NULL OR (n.created_at, n.id) < ($4, $5::uuid))
        ORDER BY n.created_at DESC, n.id DESC LIMIT $6`,
      [
        tenantId,
        filter.channelId ?? null,
        filter.state ?? null,
        filter.after?.[0] ?? null,
        filter.after?.[1] ?? null,
        filter.limit,
      ],
    );
  }

  async find(tenantId: string, id: string, tx?: Tx): Promise<NoticeRow | undefined> {
    const values = [tenantId, id];
    const [row] = await (tx
      ? tx.query<NoticeRow>(`${SELECT} AND n.id = $2`, values)
      : this.database.inTenantOnce<NoticeRow>(tenantId, `${SELECT} AND n.id = $2`, values));
    return row;
  }

  /** Its row lock keeps the sender's end of it away for the rest of the transaction. */
  async lock(tx: Tx, tenantId: string, id: string): Promise<NoticeRow | undefined> {
    await tx.query('SELECT 1 FROM notice WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE', [
      tenantId,
      id,
    ]);
    return this.find(tenantId, id, tx);
  }

  /** @returns whether it is new: another one may have the same key */
  async insert(tx: Tx, tenantId: string, notice: NewNotice): Promise<boolean> {
    const rows = await tx.query(INSERT, [
      notice.id,
      tenantId,
      notice.channelId,
      notice.idempotencyKey,
      notice.requestHash,
      notice.kind,
      JSON.stringify(notice.content),
      notice.sendAt,
    ]);
    return rows.length === 1;
  }

  async byKey(tx: Tx, tenantId: string, key: string): Promise<NoticeRow | undefined> {
    const [row] = await tx.query<NoticeRow>(`${SELECT} AND n.idempotency_key = $2`, [
      tenantId,
      key,
    ]);
    return row;
  }
}

const SELECT = `
SELECT n.id, n.channel_id, n.kind, n.content, n.state, n.send_at, n.idempotency_key, n.request_hash, n.wake,
       n.cancel_requested_at, n.recall_requested_at, n.created_at, n.started_at, n.ended_at,
       (SELECT jsonb_build_object(
               'total', count(*), 'waiting', count(*) FILTER (WHERE r.state IN ('pending', 'sending')),
               'sent', count(*) FILTER (WHERE r.state = 'sent'), 'possiblyTwice', count(*) FILTER (WHERE r.possibly_twice),
               'invalid', count(*) FILTER (WHERE r.state = 'invalid'),
               'flowControlled', count(*) FILTER (WHERE r.state = 'flow_controlled'),
               'failed', count(*) FILTER (WHERE r.state = 'failed'), 'unknown', count(*) FILTER (WHERE r.state = 'unknown'),
               'cancelled', count(*) FILTER (WHERE r.state = 'cancelled'),
               'recalled', count(*) FILTER (WHERE r.recall = 'recalled'), 'read', count(*) FILTER (WHERE r.receipt = 'read'))
          FROM notice_recipient r WHERE r.notice_id = n.id) AS recipients,
       (SELECT count(*)::int FROM notice_click k WHERE k.notice_id = n.id) AS clicks, n.created_at::text AS cursor_at
  FROM notice n WHERE n.tenant_id = $1`;

/** Sweepers look every two seconds: one that is due later must not wait for more than that. */
const INSERT = `
INSERT INTO notice (id, tenant_id, channel_id, idempotency_key, request_hash, kind, content, send_at, wake_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, GREATEST(now(), COALESCE($8::timestamptz, now())),
        CASE WHEN $8::timestamptz > now() THEN $8::timestamptz ELSE now() + interval '5 seconds' END)
ON CONFLICT (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id`;
