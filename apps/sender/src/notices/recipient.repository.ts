import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { MAX_USERS_PER_CALL } from '@common/dingtalk';
import { newId } from '@common/kernel';
import { Database } from '@common/persistence';

import { LeaseLostError } from '../platform/lease';
import type { ClaimedNotice, Parcel, RecipientEnd } from './claimed-notice';

interface TakenRow extends Record<string, unknown> {
  id: string;
  address: string;
  kind: Parcel['kind'];
  tries: number;
}

/** Recipients of a notice: "sending" is written before the call, what became of it after. */
@Injectable()
export class RecipientRepository {
  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
  ) {}

  /**
   * The next ones that may go in one call: twenty people with the same text, or one group, or one card. Other callers at
   * the same moment get others. Null when nobody is due.
   */
  async take(notice: ClaimedNotice): Promise<Parcel | null> {
    const id = newId();
    const most = notice.kind === 'card' ? 1 : MAX_USERS_PER_CALL;
    const rows = await this.database.inTenantOnce<TakenRow>(
      notice.tenantId,
      { name: 'recipient.take', text: TAKE },
      [...this.mine(notice), id, most],
    );
    const [first] = rows;
    if (!first) {
      await this.database.inTenantOnce(notice.tenantId, CANCEL_GONE, this.mine(notice));
      return null;
    }
    const isRepeated = notice.kind !== 'card' && first.tries > 1;
    return { id, kind: first.kind, isRepeated, recipients: rows };
  }

  /**
   * @param messageKey the platform's name of what was sent; null for none
   * @throws LeaseLostError when the notice is no longer ours
   */
  async settle(
    notice: ClaimedNotice,
    parcel: Parcel,
    ends: readonly RecipientEnd[],
    messageKey: string | null,
  ): Promise<void> {
    const rows = await this.database.inTenantOnce(
      notice.tenantId,
      { name: 'recipient.settle', text: SETTLE },
      [
        ...this.mine(notice),
        parcel.id,
        ends.map(({ id }) => id),
        ends.map(({ state }) => state),
        ends.map(({ code }) => code),
        messageKey,
        parcel.isRepeated,
      ],
    );
    if (rows.length === 0) throw new LeaseLostError();
  }

  /** The call certainly had no effect, nor have those of the same parcel that were still to come. */
  async putBack(notice: ClaimedNotice, parcel: Parcel): Promise<void> {
    await this.database.inTenantOnce(
      notice.tenantId,
      `UPDATE notice_recipient r SET state = 'pending', tries = r.tries - 1 FROM notice n
        WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.parcel = $5 AND r.state = 'sending'
          AND n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4`,
      [...this.mine(notice), parcel.id],
    );
  }

  /** Nobody said what became of the call: it is made once more, marked. */
  async again(notice: ClaimedNotice, parcel: Parcel): Promise<void> {
    await this.database.inTenantOnce(
      notice.tenantId,
      `UPDATE notice_recipient r SET state = 'pending' FROM notice n
        WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.id = ANY($5) AND r.state = 'sending'
          AND n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4`,
      [...this.mine(notice), parcel.recipients.map(({ id }) => id)],
    );
  }

  /** Everybody who waits shares this fate: the reason is the same for all. */
  async giveUp(notice: ClaimedNotice, code: string): Promise<void> {
    await this.database.inTenantOnce(
      notice.tenantId,
      `UPDATE notice_recipient r SET state = 'failed', error_code = $5 FROM notice n
        WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.state = 'pending'
          AND n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4`,
      [...this.mine(notice), code],
    );
  }

  private mine({ tenantId, id, attempt }: ClaimedNotice): unknown[] {
    return [tenantId, id, this.incarnation.id, attempt];
  }
}

/** Who was erased while a try of theirs was under way comes back without an address. */
const CANCEL_GONE = `
UPDATE notice_recipient r SET state = 'cancelled' FROM notice n
 WHERE r.tenant_id = $1 AND r.notice_id = $2 AND n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4
   AND r.state = 'pending' AND r.address IS NULL`;

/** Locks the notice against being claimed meanwhile: a late process begins nothing after its heir has looked. */
const TAKE = `
WITH one AS (
  SELECT r.kind, r.tries > 0 AS again FROM notice_recipient r
    JOIN notice n ON n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4
   WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.state = 'pending' AND r.not_before <= now() AND r.address IS NOT NULL
   ORDER BY r.n LIMIT 1 FOR SHARE OF n FOR UPDATE OF r SKIP LOCKED
), picked AS (
  SELECT r.id FROM notice_recipient r, one
   WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.state = 'pending' AND r.not_before <= now() AND r.address IS NOT NULL
     AND r.kind = one.kind AND (r.tries > 0) = one.again
   ORDER BY r.n LIMIT CASE WHEN (SELECT kind FROM one) = 'group' THEN 1 ELSE $6::int END FOR UPDATE OF r SKIP LOCKED
)
UPDATE notice_recipient r SET state = 'sending', tries = r.tries + 1, parcel = $5
 WHERE r.id IN (SELECT id FROM picked)
RETURNING r.id, r.address, r.kind, r.tries`;

/** After six times of being asked to wait, ever longer, a person is left alone. */
const SETTLE = `
UPDATE notice_recipient r
   SET state = CASE WHEN v.state = 'later' THEN CASE WHEN r.waits >= 5 THEN 'flow_controlled' ELSE 'pending' END ELSE v.state END,
       error_code = CASE WHEN v.state = 'later' AND r.waits < 5 THEN NULL ELSE v.code END,
       tries = CASE WHEN v.state = 'later' THEN r.tries - 1 ELSE r.tries END,
       waits = CASE WHEN v.state = 'later' THEN r.waits + 1 ELSE r.waits END,
       not_before = CASE WHEN v.state = 'later' THEN now() + interval '5 seconds' * power(2, r.waits) ELSE r.not_before END,
       possibly_twice = r.possibly_twice OR $10,
       message_key = CASE WHEN v.state = 'sent' THEN $9 ELSE r.message_key END,
       sent_at = CASE WHEN v.state = 'sent' THEN now() ELSE r.sent_at END,
       -- Taken back while it was in the air.
       recall = CASE WHEN v.state <> 'sent' OR n.recall_requested_at IS NULL THEN r.recall
                     WHEN $9::text IS NULL THEN 'failed' ELSE 'asked' END
  FROM notice n, unnest($6::uuid[], $7::text[], $8::text[]) AS v (id, state, code)
 WHERE r.tenant_id = $1 AND r.notice_id = $2 AND r.id = v.id AND r.parcel = $5 AND r.state = 'sending'
   AND n.id = r.notice_id AND n.owner = $3 AND n.attempt = $4
RETURNING r.id`;
