import { Injectable } from '@nestjs/common';

import { MESSAGE_KNOWN_HOURS } from '@common/domain';
import { Database, type Tx } from '@common/persistence';

import type { ClickView, NoticeFields, RecipientView } from './notices.dto';

export interface RecipientRow extends Record<string, unknown> {
  id: string;
  n: number;
  kind: RecipientView['kind'];
  member_id: string | null;
  address: string | null;
  state: RecipientView['state'];
  error_code: string | null;
  possibly_twice: boolean;
  sent_at: Date | null;
  recall: NonNullable<RecipientView['recall']>['state'] | null;
  recall_error: string | null;
  receipt: NonNullable<RecipientView['receipt']>['state'] | null;
  readers: number | null;
  receipt_at: Date | null;
}

export interface ClickRow extends Record<string, unknown> {
  id: string;
  recipient_id: string;
  button_id: string;
  staff_id: string;
  member_id: ClickView['memberId'];
  clicked_at: Date;
  cursor_at: string;
}

/** Whom notices go to, what became of them there, and who clicked what. */
@Injectable()
export class NoticeRecipientsRepository {
  constructor(private readonly database: Database) {}

  /** Everybody the request means, each once. @returns how many */
  async insert(
    tx: Tx,
    tenantId: string,
    noticeId: string,
    { channelId, to }: NoticeFields,
  ): Promise<number> {
    const rows = await tx.query(INSERT, [
      tenantId,
      noticeId,
      channelId,
      to.memberIds,
      to.staffIds,
      to.departmentIds,
      to.conversationIds,
    ]);
    return rows.length;
  }

  /** Of these members those that are not the tenant's. */
  async strangers(tx: Tx, tenantId: string, memberIds: readonly string[]): Promise<string[]> {
    if (memberIds.length === 0) return [];
    const rows = await tx.query<{ id: string }>(
      `SELECT id::text FROM unnest($2::uuid[]) AS x (id)
        WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.tenant_id = $1 AND m.id = x.id) LIMIT 5`,
      [tenantId, memberIds],
    );
    return rows.map(({ id }) => id);
  }

  /** In the order in which they are sent to. */
  list(
    tenantId: string,
    noticeId: string,
    state: string | undefined,
    after: readonly string[] | null,
    limit: number,
  ): Promise<RecipientRow[]> {
    return this.database.inTenantOnce<RecipientRow>(
      tenantId,
      `SELECT id, n, kind, member_id, address, state, error_code, possibly_twice, sent_at, recall, recall_error,
              receipt, readers, receipt_at
         FROM notice_recipient
        WHERE tenant_id = $1 AND notice_id = $2 AND ($3::text IS NULL OR state = $3) AND n > $4 ORDER BY n LIMIT $5`,
      [tenantId, noticeId, state ?? null, Number(after?.[0] ?? 0), limit],
    );
  }

  clicks(
    tenantId: string,
    noticeId: string,
    after: readonly string[] | null,
    limit: number,
  ): Promise<ClickRow[]> {
    return this.database.inTenantOnce<ClickRow>(
      tenantId,
      `SELECT id, recipient_id, button_id, staff_id, member_id, clicked_at, clicked_at::text AS cursor_at
         FROM notice_click
        WHERE tenant_id = $1 AND notice_id = $2
          AND ($3::timestamptz IS NULL OR (clicked_at, id) > ($3, $4::uuid))
        ORDER BY clicked_at, id LIMIT $5`,
      [tenantId, noticeId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  /** Whoever does not have it yet does not get it; what is in the air cannot be stopped. */
  async cancelWaiting(tx: Tx, tenantId: string, noticeId: string): Promise<void> {
    await tx.query(
      `UPDATE notice_recipient SET state = 'cancelled' WHERE tenant_id = $1 AND notice_id = $2 AND state = 'pending'`,
      [tenantId, noticeId],
    );
    await tx.query(
      `UPDATE notice SET cancel_requested_at = COALESCE(cancel_requested_at, now()),
              state = CASE WHEN state = 'scheduled' THEN 'cancelled' ELSE state END,
              ended_at = CASE WHEN state = 'scheduled' THEN now() ELSE ended_at END
        WHERE tenant_id = $1 AND id = $2`,
      [tenantId, noticeId],
    );
  }

  /** The platform takes back what it still knows. */
  async askBack(tx: Tx, tenantId: string, noticeId: string): Promise<void> {
    await tx.query(
      `UPDATE notice_recipient
          SET recall = CASE WHEN message_key IS NULL OR ${TOO_OLD} THEN 'failed' ELSE 'asked' END,
              recall_error = CASE WHEN message_key IS NULL THEN 'no_message_key' WHEN ${TOO_OLD} THEN 'too_old' END
        WHERE tenant_id = $1 AND notice_id = $2 AND state = 'sent' AND recall IS DISTINCT FROM 'recalled'`,
      [tenantId, noticeId],
    );
    await tx.query(
      'UPDATE notice SET recall_requested_at = COALESCE(recall_requested_at, now()) WHERE tenant_id = $1 AND id = $2',
      [tenantId, noticeId],
    );
  }

  /** @returns how many are asked about */
  async askReceipts(tx: Tx, tenantId: string, noticeId: string): Promise<number> {
    const rows = await tx.query(
      `UPDATE notice_recipient SET receipt = 'asked'
        WHERE tenant_id = $1 AND notice_id = $2 AND state = 'sent' AND message_key IS NOT NULL AND NOT ${TOO_OLD}
          AND recall IS DISTINCT FROM 'recalled' RETURNING id`,
      [tenantId, noticeId],
    );
    return rows.length;
  }

  /** Whoever may have it already gets it marked. @returns how many are tried again */
  async tryAgain(tx: Tx, tenantId: string, noticeId: string): Promise<number> {
    const rows = await tx.query(
      `UPDATE notice_recipient
          SET state = 'pending', error_code = NULL, waits = 0, not_before = '-infinity',
              tries = CASE WHEN state = 'unknown' THEN 1 ELSE 0 END
        WHERE tenant_id = $1 AND notice_id = $2 AND address IS NOT NULL
          AND state IN ('failed', 'unknown', 'flow_controlled', 'cancelled') RETURNING id`,
      [tenantId, noticeId],
    );
    if (rows.length > 0)
      await tx.query(
        `UPDATE notice SET state = 'sending', send_at = LEAST(send_at, now()), ended_at = NULL, cancel_requested_at = NULL
          WHERE tenant_id = $1 AND id = $2`,
        [tenantId, noticeId],
      );
    return rows.length;
  }

  /** Something is to be done. @returns the wake counter of its job */
  async wake(tx: Tx, tenantId: string, noticeId: string): Promise<number> {
    const [row] = await tx.query<{ wake: number }>(
      `UPDATE notice SET todo = true, wake = wake + 1, wake_at = now() + interval '5 seconds'
        WHERE tenant_id = $1 AND id = $2 RETURNING wake`,
      [tenantId, noticeId],
    );
    return row?.wake ?? 0;
  }
}

const TOO_OLD = `sent_at < now() - interval '${MESSAGE_KNOWN_HOURS} hours'`;

/**
 * Members are written to by the staff id that they have in the channel's organisation, or as this channel knows them.
 * A group is named by our id of its conversation or by the platform's.
 */
const INSERT = `
WITH realm AS (
  SELECT c.id AS channel_id, ARRAY[c.id::text, COALESCE(o.corp_id, c.id::text)] AS names
    FROM channel c LEFT JOIN organization o ON o.tenant_id = c.tenant_id AND o.id = c.organization_id
   WHERE c.tenant_id = $1 AND c.id = $3
), meant AS (
  SELECT m.id FROM member m
   WHERE m.tenant_id = $1 AND (m.id = ANY($4::uuid[]) OR (cardinality($6::text[]) > 0 AND m.attributes -> 'departments' ?| $6::text[]))
), named AS (
  SELECT 1 AS part, 'person' AS kind, m.id AS member_id, s.value AS address FROM meant m
    LEFT JOIN LATERAL (SELECT i.value FROM identity i, realm
       WHERE i.tenant_id = $1 AND i.member_id = m.id AND i.kind = 'staff' AND i.realm = ANY(realm.names)
       ORDER BY i.created_at DESC LIMIT 1) s ON true
  UNION ALL
  SELECT 2, 'person', (SELECT i.member_id FROM identity i, realm
       WHERE i.tenant_id = $1 AND i.kind = 'staff' AND i.realm = ANY(realm.names) AND i.value = x.staff LIMIT 1), x.staff
    FROM unnest($5::text[]) AS x (staff)
  UNION ALL
  SELECT 3, 'group', NULL, COALESCE((SELECT c.platform_id FROM conversation c
       WHERE c.tenant_id = $1 AND c.channel_id = $3 AND c.kind = 'group' AND c.id::text = lower(x.id)), x.id)
    FROM unnest($7::text[]) AS x (id)
), once AS (
  SELECT DISTINCT ON (kind, COALESCE(address, member_id::text)) part, kind, member_id, address FROM named
   ORDER BY kind, COALESCE(address, member_id::text), part
)
INSERT INTO notice_recipient (id, tenant_id, notice_id, n, kind, member_id, address, state, error_code)
SELECT gen_random_uuid(), $1, $2, row_number() OVER (ORDER BY part, address), kind, member_id, address,
       CASE WHEN address IS NULL THEN 'invalid' ELSE 'pending' END, CASE WHEN address IS NULL THEN 'no_staff_id' END
  FROM once
RETURNING id`;
