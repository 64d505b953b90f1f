import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { FindingView, ListFindingsDto } from './content-rules.dto';

export interface FindingRow extends Omit<FindingView, 'at'> {
  at: Date;
  position: string;
}

/** The trail of content rules: which rule, which turn, how often; never the words. */
@Injectable()
export class ContentFindingsRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(
    tenantId: string,
    { ruleId, channelId, turnId }: ListFindingsDto,
    before: string | null,
    limit: number,
  ): Promise<FindingRow[]> {
    return this.database.inTenantOnce<FindingRow & Record<string, unknown>>(
      tenantId,
      `SELECT f.rule_id AS "ruleId", r.name AS "ruleName", f.turn_id AS "turnId", t.channel_id AS "channelId",
          t.member_id AS "memberId", f.direction, f.action, f.hits, f.at, f.id::text AS position
        FROM content_finding f
        JOIN content_rule r ON r.tenant_id = f.tenant_id AND r.id = f.rule_id
        JOIN turn t ON t.tenant_id = f.tenant_id AND t.id = f.turn_id
        WHERE f.tenant_id = $1 AND ($2::uuid IS NULL OR f.rule_id = $2) AND ($3::uuid IS NULL OR t.channel_id = $3)
          AND ($4::uuid IS NULL OR f.turn_id = $4) AND ($5::bigint IS NULL OR f.id < $5)
        ORDER BY f.id DESC LIMIT $6`,
      [tenantId, ruleId ?? null, channelId ?? null, turnId ?? null, before, limit],
    );
  }
}
