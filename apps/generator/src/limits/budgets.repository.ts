import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { ClaimedTurn } from '../generation/claimed-turn';

/** A budget that concerns a turn, and how much of it is used. */
export interface BudgetState {
  readonly scope: 'tenant' | 'channel' | 'member';
  readonly soft: number | null;
  readonly hard: number | null;
  readonly used: number;
}

/** Budgets and what is used of them. */
@Injectable()
export class BudgetsRepository {
  constructor(private readonly database: Database) {}

  /** Of a person every turn counts once (P: retries are ours); tenant and channel pay for every attempt. */
  concerning({ tenantId, channelId, memberId }: ClaimedTurn): Promise<BudgetState[]> {
    return this.database.inTenantOnce<BudgetState & { soft: number }>(
      tenantId,
      { name: 'budget.concerning', text: CONCERNING },
      [tenantId, channelId, memberId],
    );
  }

  /** For administrators; once per channel until the day is over. */
  async notify({ tenantId, channelId }: ClaimedTurn, scope: string): Promise<void> {
    await this.database.inTenantOnce(tenantId, NOTIFY, [
      tenantId,
      channelId,
      `budget_${scope}`,
      `The soft limit of a budget of this ${scope} is reached.`,
      'Look at /usage and /budgets: at the hard limit questions end with one sentence.',
    ]);
  }
}

const TODAY = `(now() AT TIME ZONE 'Asia/Shanghai')::date`;

/** What is written for one channel or person stands in place of what is written for all of them. */
const CONCERNING = `
SELECT b.scope, b.soft::float8 AS soft, b.hard::float8 AS hard, u.used::float8 AS used
  FROM budget b
  CROSS JOIN LATERAL (
    SELECT COALESCE(sum(CASE b.unit
             WHEN 'turns' THEN d.turns
             WHEN 'tokens' THEN CASE b.scope WHEN 'member' THEN d.counted_tokens ELSE d.input_tokens + d.output_tokens END
             ELSE CASE b.scope WHEN 'member' THEN d.counted_cost ELSE d.cost END END), 0) AS used
      FROM usage_day d
     WHERE d.tenant_id = $1
       AND d.day >= CASE b.period WHEN 'day' THEN ${TODAY} ELSE date_trunc('month', ${TODAY})::date END
       AND (b.scope <> 'channel' OR d.channel_id = $2) AND (b.scope <> 'member' OR d.member_id = $3)) u
 WHERE b.tenant_id = $1 AND b.deleted_at IS NULL
   AND CASE b.scope WHEN 'channel' THEN b.channel_id IS NULL OR b.channel_id = $2
                    WHEN 'member' THEN b.member_id IS NULL OR b.member_id = $3 ELSE true END
   AND (b.channel_id IS NOT NULL OR b.member_id IS NOT NULL OR NOT EXISTS (
         SELECT 1 FROM budget o WHERE o.tenant_id = $1 AND o.deleted_at IS NULL AND o.scope = b.scope
            AND o.period = b.period AND o.unit = b.unit AND (o.channel_id = $2 OR o.member_id = $3)))`;

const NOTIFY = `
INSERT INTO channel_notice (tenant_id, channel_id, code, message, user_action, until)
VALUES ($1, $2, $3, $4, $5, ${TODAY} + interval '1 day')
ON CONFLICT (channel_id, code) DO UPDATE SET message = $4, user_action = $5, at = now(), until = EXCLUDED.until`;
