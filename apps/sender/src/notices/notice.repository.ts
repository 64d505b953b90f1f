import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { Secret } from '@common/config';
import type { AppEndpoint } from '@common/dingtalk';
import {
  type CardSettings,
  leftOf,
  type Locale,
  type NoticeContent,
  type NoticeKind,
  say,
} from '@common/domain';
import { SecretBox } from '@common/kernel';
import { type AllowanceRow, Database, spendableOf } from '@common/persistence';

import { Lease } from '../platform/lease';
import { SenderConfig } from '../sender.config';
import type { ClaimedNotice } from './claimed-notice';

interface Row extends Record<string, unknown> {
  id: string;
  channel_id: string;
  attempt: number;
  wake: number;
  kind: NoticeKind;
  content: NoticeContent;
  locale: Locale;
  robot_code: string;
  card: CardSettings;
  is_usable: boolean;
  client_id: string;
  client_secret: Buffer;
  endpoint: AppEndpoint | null;
  calls_per_second: string | null;
  organization_id: string | null;
  allowance: AllowanceRow | null;
  api_refused: boolean;
}

/** What a notice that was given back still needs. */
export interface NoticeRest {
  /** Its new wake counter. */
  readonly wake: number;
  /** Something is to be done now; else sweepers wake it when it is time. */
  readonly isDue: boolean;
}

type NoticeClaim = Pick<ClaimedNotice, 'tenantId' | 'id' | 'attempt'>;
/** Until sweepers look for somebody who can open its secret. */
const UNREADABLE_REST_MS = 2_000;

/** Notices as the sender sees them. Every write is guarded by attempt and owner: a late process changes nothing. */
@Injectable()
export class NoticeRepository {
  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
    private readonly secrets: SecretBox,
    private readonly config: SenderConfig,
  ) {}

  /**
   * Makes the notice ours. What a dead owner had in the air is of unknown outcome: it goes once more, marked, and after
   * that to the desk; cards are the same cards however often they are made. Null when nothing is due, or somebody
   * living has it.
   */
  async claim(tenantId: string, id: string, signal: AbortSignal): Promise<ClaimedNotice | null> {
    const lease = new Lease(this.incarnation, this.config.SENDER_CALL_TIMEOUT_MS);
    const [row] = await this.database.inTenantOnce<Row>(
      tenantId,
      { name: 'notice.claim', text: CLAIM },
      [tenantId, id, this.incarnation.id, this.incarnation.mayTakeOver()],
    );
    if (!row) return null;
    if (this.secrets.isForOthers(row.client_secret)) {
      // Of a key that we are still to be given: left to whoever has it.
      await this.release({ tenantId, id, attempt: row.attempt }, UNREADABLE_REST_MS);
      return null;
    }
    // A statement of its own: it sees what the claim waited for.
    await this.database.inTenantOnce(tenantId, { name: 'notice.in-the-air', text: IN_THE_AIR }, [
      tenantId,
      id,
      this.incarnation.id,
      row.attempt,
    ]);
    return this.toNotice(row, tenantId, lease, signal);
  }

  /** Whether calls can be paid for: asked again and again while a long notice goes out. */
  async hasAllowance({ tenantId, channelId }: ClaimedNotice): Promise<boolean> {
    const [row] = await this.database.inTenantOnce<
      Pick<Row, 'allowance' | 'api_refused'> & Record<string, unknown>
    >(tenantId, { name: 'notice.allowance', text: ALLOWANCE }, [tenantId, channelId]);
    return row !== undefined && hasCallsLeft(row);
  }

  /** Gives the notice back when all is done that could be. Null when it was no longer ours. */
  async finish(notice: ClaimedNotice): Promise<NoticeRest | null> {
    const values = [...this.mine(notice), notice.wake];
    const [row] = await this.database.inTenantOnce<{ wake: number }>(
      notice.tenantId,
      { name: 'notice.finish', text: FINISH },
      values,
    );
    // Somebody wants something that we have not seen: it is looked at anew.
    if (!row) return this.release(notice, 0);
    return { wake: row.wake, isDue: false };
  }

  /** Gives it back as it is. @param restMs how long sweepers leave it alone. */
  async release(notice: NoticeClaim, restMs: number): Promise<NoticeRest | null> {
    const [row] = await this.database.inTenantOnce<{ wake: number }>(
      notice.tenantId,
      `UPDATE notice SET owner = NULL, wake = wake + 1, todo = true, wake_at = now() + $5 * interval '1 millisecond'
        WHERE tenant_id = $1 AND id = $2 AND owner = $3 AND attempt = $4 RETURNING wake`,
      [...this.mine(notice), restMs],
    );
    return row ? { wake: row.wake, isDue: restMs === 0 } : null;
  }

  /** Gives back what this process owns without working on it. @returns their ids: there should be none */
  async releaseStrays(inHand: readonly string[]): Promise<string[]> {
    const rows = await this.database.acrossTenantsOnce<{ id: string }>('reconcile', STRAYS, [
      this.incarnation.id,
      inHand,
    ]);
    return rows.map(({ id }) => id);
  }

  private mine({ tenantId, id, attempt }: NoticeClaim): unknown[] {
    return [tenantId, id, this.incarnation.id, attempt];
  }

  private toNotice(row: Row, tenantId: string, lease: Lease, signal: AbortSignal): ClaimedNotice {
    const mark = (row.card.aiMark ?? say('aiMark', row.locale)) || null;
    return {
      id: row.id,
      tenantId,
      channelId: row.channel_id,
      attempt: row.attempt,
      wake: row.wake,
      kind: row.kind,
      content: row.content,
      locale: row.locale,
      robotCode: row.robot_code,
      mark: row.content.isAiGenerated ? mark : null,
      obstacle: obstacleOf(row),
      caller: {
        tenantId,
        channelId: row.channel_id,
        organizationId: row.organization_id,
        flow: row.id,
        app: {
          clientId: row.client_id,
          clientSecret: new Secret(this.secrets.openText(row.client_secret)),
          endpoint: row.endpoint,
        },
        callsPerSecond: Number(row.calls_per_second ?? this.config.SENDER_CALLS_PER_SECOND),
        lease,
        signal,
      },
    };
  }
}

const hasCallsLeft = (row: Pick<Row, 'allowance' | 'api_refused'>): boolean => {
  const allowances = spendableOf(row.allowance, { api: row.api_refused, message: false });
  return allowances ? leftOf(allowances.apiCalls) > 0 : !row.api_refused;
};

function obstacleOf(row: Row): string | null {
  if (!row.is_usable) return 'channel_disabled';
  return hasCallsLeft(row) ? null : 'quota';
}

const CLAIM = `
WITH claimed AS (
  UPDATE notice n
     SET owner = $3, claimed_at = now(), attempt = n.attempt + 1,
         state = CASE WHEN n.state = 'scheduled' THEN 'sending' ELSE n.state END,
         started_at = COALESCE(n.started_at, now())
   WHERE n.tenant_id = $1 AND n.id = $2 AND n.todo AND n.send_at <= now()
     AND (n.owner IS NULL OR n.owner = $3 OR ($4 AND NOT EXISTS (
           SELECT 1 FROM incarnation i WHERE i.id = n.owner AND i.seen_at > now() - interval '6 seconds')))
  RETURNING n.*
)
SELECT n.id, n.channel_id, n.attempt, n.wake, n.kind, n.content, c.locale, c.card,
       COALESCE(c.robot_code, c.client_id) AS robot_code, c.enabled AND c.deleted_at IS NULL AS is_usable,
       c.client_id, c.client_secret, c.endpoint || jsonb_build_object('isTrusted', c.trusted_endpoint) AS endpoint,
       c.calls_per_second, c.organization_id, allowance_of(c.tenant_id, c.organization_id) AS allowance,
       allowance_refused(c.tenant_id, c.id, 'api') AS api_refused
  FROM claimed n JOIN channel c ON c.tenant_id = n.tenant_id AND c.id = n.channel_id`;

const IN_THE_AIR = `
UPDATE notice_recipient r
   SET state = CASE WHEN r.tries < CASE n.kind WHEN 'card' THEN 5 ELSE 2 END THEN 'pending' ELSE 'unknown' END,
       error_code = CASE WHEN r.tries < CASE n.kind WHEN 'card' THEN 5 ELSE 2 END THEN NULL ELSE 'unknown_outcome' END
  FROM notice n
 WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.state = 'sending'
   AND n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4`;

const STRAYS = `
UPDATE notice SET owner = NULL, wake = wake + 1, wake_at = now()
 WHERE owner = $1 AND todo AND id <> ALL($2) AND claimed_at < now() - interval '10 seconds'
RETURNING id`;

const ALLOWANCE = `
SELECT allowance_of(c.tenant_id, c.organization_id) AS allowance, allowance_refused(c.tenant_id, c.id, 'api') AS api_refused
  FROM channel c WHERE c.tenant_id = $1 AND c.id = $2`;

/** Guarded by the wake counter: what was asked for meanwhile is not overlooked. */
const FINISH = `
UPDATE notice n
   SET owner = NULL,
       state = CASE WHEN n.state <> 'sending' OR x.is_open THEN n.state
                    WHEN n.cancel_requested_at IS NOT NULL AND NOT x.has_sent THEN 'cancelled' ELSE 'sent' END,
       ended_at = CASE WHEN x.is_open THEN NULL ELSE COALESCE(n.ended_at, now()) END,
       todo = x.is_open OR x.is_asked,
       wake_at = GREATEST(now(), COALESCE(x.not_before, now() + interval '5 seconds'))
  FROM (SELECT EXISTS (SELECT 1 FROM notice_recipient r WHERE r.notice_id = $2 AND r.state IN ('pending', 'sending')) AS is_open,
               EXISTS (SELECT 1 FROM notice_recipient r WHERE r.notice_id = $2 AND r.state = 'sent') AS has_sent,
               EXISTS (SELECT 1 FROM notice_recipient r WHERE r.notice_id = $2 AND (r.recall = 'asked' OR r.receipt = 'asked'))
                 OR EXISTS (SELECT 1 FROM notice_click k WHERE k.notice_id = $2 AND NOT k.shown) AS is_asked,
               (SELECT min(r.not_before) FROM notice_recipient r WHERE r.notice_id = $2 AND r.state = 'pending') AS not_before) x
 WHERE n.tenant_id = $1 AND n.id = $2 AND n.owner = $3 AND n.attempt = $4 AND n.wake = $5
RETURNING n.wake`;
