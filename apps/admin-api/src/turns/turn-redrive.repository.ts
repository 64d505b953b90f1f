import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { RedriveFilter } from './turns.dto';

/** Turns that ended without their answer being seen. */
@Injectable()
export class TurnRedriveRepository {
  constructor(private readonly database: Database) {}

  /** Oldest first, without those that were driven again already. */
  async failed(tenantId: string, filter: RedriveFilter, limit: number): Promise<string[]> {
    const rows = await this.database.inTenantOnce<{ id: string }>(tenantId, FAILED, [
      tenantId,
      filter.channelId ?? null,
      filter.sessionId ?? null,
      filter.errorCode ?? null,
      filter.since ?? null,
      filter.until ?? null,
      filter.turnIds ?? null,
      limit,
    ]);
    return rows.map(({ id }) => id);
  }
}

const FAILED = `
SELECT t.id FROM turn t
 WHERE t.tenant_id = $1 AND t.state = 'failed'
   AND ($2::uuid IS NULL OR t.channel_id = $2) AND ($3::uuid IS NULL OR t.session_id = $3)
   AND ($4::text IS NULL OR t.error_code = $4)
   AND ($5::timestamptz IS NULL OR t.created_at >= $5) AND ($6::timestamptz IS NULL OR t.created_at < $6)
   AND ($7::uuid[] IS NULL OR t.id = ANY($7))
   AND NOT EXISTS (SELECT 1 FROM turn r WHERE r.tenant_id = t.tenant_id AND r.retry_of = t.id)
   AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.turn_id = t.id AND (d.state = 'open'
         OR (d.state = 'delivered' AND t.outcome = 'answered')))
 ORDER BY t.created_at, t.id LIMIT $8`;
