import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { Database } from '@common/persistence';

import type { ClaimedNotice } from './claimed-notice';

/** A message that was sent: to the people of one call, or to one group. */
export interface SentMessageRow {
  readonly kind: 'person' | 'group';
  /** Open conversation id of a group; null for people. */
  readonly conversationId: string | null;
  readonly messageKey: string;
}

/** A card on which something was clicked that it does not say yet. */
export interface ClickedCardRow {
  readonly recipientId: string;
  readonly kind: 'person' | 'group';
  /** All clicks of this card, oldest first. */
  readonly clicks: readonly {
    readonly id: string;
    readonly buttonId: string;
    readonly name: string;
  }[];
}

interface MessageRow extends Record<string, unknown> {
  kind: 'person' | 'group';
  conversation_id: string | null;
  message_key: string;
}
interface CardRow extends Record<string, unknown> {
  recipient_id: string;
  kind: 'person' | 'group';
  clicks: ClickedCardRow['clicks'];
}

/** What is to be done about messages of a notice that were sent. Guarded by attempt and owner. */
@Injectable()
export class SentNoticeRepository {
  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
  ) {}

  /** Messages to take back, or whose readers are asked for; of one kind and group at a time. */
  async asked(
    notice: ClaimedNotice,
    what: 'recall' | 'receipt',
    limit: number,
  ): Promise<SentMessageRow[]> {
    const rows = await this.database.inTenantOnce<MessageRow>(
      notice.tenantId,
      { name: `notice.asked-${what}`, text: ASKED(what) },
      [...this.mine(notice), limit],
    );
    return rows.map((row) => ({
      kind: row.kind,
      conversationId: row.conversation_id,
      messageKey: row.message_key,
    }));
  }

  /** @param failed key → why; every other key was taken back */
  async recalled(
    notice: ClaimedNotice,
    keys: readonly string[],
    failed: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.database.inTenantOnce(notice.tenantId, RECALLED, [
      ...this.mine(notice),
      keys,
      keys.map((key) => failed[key] ?? null),
    ]);
  }

  /** @param readers staff ids; null: the platform would not say */
  async read(
    notice: ClaimedNotice,
    { messageKey }: SentMessageRow,
    readers: readonly string[] | null,
  ): Promise<void> {
    await this.database.inTenantOnce(notice.tenantId, READ, [
      ...this.mine(notice),
      messageKey,
      readers,
    ]);
  }

  async clicked(notice: ClaimedNotice, limit: number): Promise<ClickedCardRow[]> {
    const rows = await this.database.inTenantOnce<CardRow>(notice.tenantId, CLICKED, [
      ...this.mine(notice),
      limit,
    ]);
    return rows.map(({ recipient_id: recipientId, kind, clicks }) => ({
      recipientId,
      kind,
      clicks,
    }));
  }

  async shown({ tenantId }: ClaimedNotice, { clicks }: ClickedCardRow): Promise<void> {
    await this.database.inTenantOnce(
      tenantId,
      'UPDATE notice_click SET shown = true WHERE tenant_id = $1 AND id = ANY($2)',
      [tenantId, clicks.map(({ id }) => id)],
    );
  }

  private mine({ tenantId, id, attempt }: ClaimedNotice): unknown[] {
    return [tenantId, id, this.incarnation.id, attempt];
  }
}

/** People of one call share a message; groups have one each. */
const ASKED = (what: 'recall' | 'receipt'): string => `
SELECT DISTINCT r.kind, CASE r.kind WHEN 'group' THEN r.address END AS conversation_id, r.message_key
  FROM notice_recipient r JOIN notice n ON n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4
 WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.${what} = 'asked' AND r.message_key IS NOT NULL
 ORDER BY 1, 2, 3 LIMIT $5`;

const RECALLED = `
UPDATE notice_recipient r
   SET recall = CASE WHEN v.why IS NULL THEN 'recalled' ELSE 'failed' END, recall_error = v.why
  FROM notice n, unnest($5::text[], $6::text[]) AS v (key, why)
 WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.message_key = v.key AND r.recall = 'asked'
   AND n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4`;

const READ = `
UPDATE notice_recipient r
   SET receipt_at = now(),
       receipt = CASE WHEN $6::text[] IS NULL THEN 'failed'
                      WHEN r.kind = 'group' THEN CASE WHEN cardinality($6::text[]) > 0 THEN 'read' ELSE 'unread' END
                      WHEN r.address = ANY($6::text[]) THEN 'read' ELSE 'unread' END,
       readers = CASE WHEN r.kind = 'group' THEN cardinality($6::text[]) END
  FROM notice n
 WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.message_key = $5 AND r.receipt = 'asked'
   AND n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4`;

const CLICKED = `
SELECT k.recipient_id, r.kind,
       jsonb_agg(jsonb_build_object('id', k.id, 'buttonId', k.button_id,
                                    'name', COALESCE(NULLIF(m.name, ''), k.staff_id)) ORDER BY k.clicked_at, k.id) AS clicks
  FROM notice_click k
  JOIN notice n ON n.id = k.notice_id AND n.owner = $3 AND n.attempt = $4
  JOIN notice_recipient r ON r.tenant_id = k.tenant_id AND r.id = k.recipient_id
  LEFT JOIN member m ON m.tenant_id = k.tenant_id AND m.id = k.member_id
 WHERE k.tenant_id = $1 AND k.notice_id = $2
   AND k.recipient_id IN (SELECT recipient_id FROM notice_click WHERE notice_id = $2 AND NOT shown LIMIT $5)
 GROUP BY k.recipient_id, r.kind`;
