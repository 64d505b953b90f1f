import { Injectable } from '@nestjs/common';

import type { Edition } from '@common/domain';
import { allowancesOf, type AllowanceRow, Database } from '@common/persistence';
import type { Allowances } from '@common/domain';

export interface Usage {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly apiCalls: number;
  readonly webhookMessages: number;
  readonly answers: number;
}

/** An organisation whose usage has changed. */
export interface UsedAllowance {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly edition: Edition;
  readonly allowances: Allowances;
  /** The highest part, in percent, that administrators were told of. */
  readonly told: number;
}

interface Row extends Record<string, unknown> {
  tenant_id: string;
  organization_id: string;
  told: number;
  allowance: AllowanceRow;
}

/** What organisations use, in this month's row of each. */
@Injectable()
export class UsageRepository {
  constructor(private readonly database: Database) {}

  async add(usages: readonly Usage[]): Promise<void> {
    await this.database.acrossTenantsOnce('reconcile', { name: 'usage.add', text: ADD }, [
      usages.map(({ tenantId }) => tenantId),
      usages.map(({ organizationId }) => organizationId),
      usages.map(({ apiCalls }) => apiCalls),
      usages.map(({ webhookMessages }) => webhookMessages),
      usages.map(({ answers }) => answers),
    ]);
  }

  async refuse(tenantId: string, channelId: string, kind: 'api' | 'message'): Promise<void> {
    await this.database.inTenantOnce(tenantId, REFUSE, [
      tenantId,
      channelId,
      kind,
      kind === 'api' ? 'API calls' : 'messages',
    ]);
  }

  /** Counts the pushes that came in since the last look. Other senders skip what one of them is looking at. */
  async takeInbound(): Promise<UsedAllowance[]> {
    await this.database.acrossTenantsOnce('reconcile', OPEN_MONTH);
    const rows = await this.database.acrossTenantsOnce<Row>('reconcile', INBOUND);
    // Of an assumed edition nobody is warned: it may be a larger one.
    const known = rows.filter(({ allowance }) => !allowance.isAssumed);
    return known.map((row) => ({
      tenantId: row.tenant_id,
      organizationId: row.organization_id,
      edition: row.allowance.edition,
      allowances: allowancesOf(row.allowance, { api: false, message: false }),
      told: row.told,
    }));
  }

  /** @returns whether it is us who tells: another sender may have done so */
  async tell({ tenantId, organizationId }: UsedAllowance, percent: number): Promise<boolean> {
    const rows = await this.database.inTenantOnce(
      tenantId,
      `UPDATE organization_usage SET told = $3
        WHERE tenant_id = $1 AND organization_id = $2 AND month = allowance_month() AND told < $3 RETURNING told`,
      [tenantId, organizationId, percent],
    );
    return rows.length === 1;
  }

  /** What every channel of the organisation says of itself until the month ends. */
  async notice(
    { tenantId, organizationId }: UsedAllowance,
    notice: { readonly code: string; readonly message: string; readonly userAction: string },
  ): Promise<void> {
    await this.database.inTenantOnce(tenantId, NOTICE, [
      tenantId,
      organizationId,
      notice.code,
      notice.message,
      notice.userAction,
    ]);
  }
}

const ADD = `
INSERT INTO organization_usage AS u (tenant_id, organization_id, month, api_calls, webhook_messages, answers)
SELECT t, o, allowance_month(), a, w, n FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[]) AS x (t, o, a, w, n)
 ORDER BY o
ON CONFLICT (organization_id, month) DO UPDATE
   SET api_calls = u.api_calls + EXCLUDED.api_calls, answers = u.answers + EXCLUDED.answers,
       webhook_messages = u.webhook_messages + EXCLUDED.webhook_messages`;

const REFUSE = `
WITH refusal AS (
  INSERT INTO allowance_refusal (tenant_id, channel_id, kind) VALUES ($1, $2, $3)
  ON CONFLICT (channel_id, kind) DO UPDATE SET refused_at = now()
)
INSERT INTO channel_notice (tenant_id, channel_id, code, message, user_action, until)
VALUES ($1, $2, 'quota_exhausted', 'DingTalk says that the monthly allowance of the organisation (' || $4 || ') is used up.',
        'Buy a larger edition, then save the organization here (PATCH), or wait for the next month.',
        allowance_month_start() + interval '1 month')
ON CONFLICT (channel_id, code) DO UPDATE
   SET message = EXCLUDED.message, user_action = EXCLUDED.user_action, at = now(), until = EXCLUDED.until`;

/** A row for each organisation that has channels. */
const OPEN_MONTH = `
INSERT INTO organization_usage (tenant_id, organization_id, month)
SELECT DISTINCT c.tenant_id, c.organization_id, allowance_month() FROM channel c
 WHERE c.organization_id IS NOT NULL AND c.deleted_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM organization_usage u WHERE u.organization_id = c.organization_id AND u.month = allowance_month())
ON CONFLICT DO NOTHING`;

/** A row that is written a minute after its receipt is not counted. */
const INBOUND = `
WITH due AS (
  SELECT u.organization_id, GREATEST(COALESCE(u.inbound_until, allowance_month_start()), allowance_month_start()) AS since
    FROM organization_usage u
   WHERE u.month = allowance_month() AND COALESCE(u.inbound_until, '-infinity') < now() - interval '10 seconds'
   ORDER BY u.organization_id FOR UPDATE SKIP LOCKED
), counted AS (
  SELECT d.organization_id, now() - interval '5 seconds' AS until,
         (SELECT count(*) FROM inbound_event e JOIN channel c ON c.id = e.channel_id
           WHERE c.organization_id = d.organization_id AND e.kind = 'message'
             AND e.received_at >= d.since AND e.received_at < now() - interval '5 seconds') AS pushes
    FROM due d
)
UPDATE organization_usage u
   SET inbound_messages = u.inbound_messages + counted.pushes, inbound_until = counted.until
  FROM counted WHERE u.organization_id = counted.organization_id AND u.month = allowance_month()
RETURNING u.tenant_id, u.organization_id, u.told, allowance_of(u.tenant_id, u.organization_id) AS allowance`;

const NOTICE = `
INSERT INTO channel_notice (tenant_id, channel_id, code, message, user_action, until)
SELECT c.tenant_id, c.id, $3, $4, $5, allowance_month_start() + interval '1 month' FROM channel c
 WHERE c.tenant_id = $1 AND c.organization_id = $2 AND c.deleted_at IS NULL
ON CONFLICT (channel_id, code) DO UPDATE
   SET message = EXCLUDED.message, user_action = EXCLUDED.user_action, at = now(), until = EXCLUDED.until`;
