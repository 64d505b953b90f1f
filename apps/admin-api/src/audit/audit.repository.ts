import { Injectable } from '@nestjs/common';

import { type AuditVerdict, Database, verifyAudit } from '@common/persistence';

import type { AuditFilter } from './audit.dto';

export interface AuditRow {
  seq: string;
  at: Date;
  actor: Record<string, never>;
  action: string;
  resource: string;
  resource_id: string | null;
  before: unknown;
  after: unknown;
  ip: string | null;
  user_agent: string | null;
  correlation_id: string | null;
  is_erased: boolean;
  hash: string;
}

/** Rows that one run lets go at most. */
const EXPIRED_AT_ONCE = 5_000;

@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /** Newest first, before the row with this number. */
  list(
    tenantId: string,
    { action, resourceId, actor, since, until }: AuditFilter,
    before: string | null,
    limit: number,
  ): Promise<AuditRow[]> {
    return this.database.inTenantOnce<AuditRow>(tenantId, SELECT, [
      ...[
        tenantId,
        action ?? null,
        resourceId ?? null,
        actor ?? null,
        since ?? null,
        until ?? null,
      ],
      ...[before, limit],
    ]);
  }

  verify(tenantId: string): Promise<AuditVerdict> {
    return verifyAudit(this.database, tenantId);
  }

  /** Tenants that do not keep their audit log for ever. */
  async thoseThatExpire(): Promise<string[]> {
    const rows = await this.database.platformOnce<{ id: string }>(
      'SELECT id FROM tenant WHERE audit_retention_days IS NOT NULL',
    );
    return rows.map(({ id }) => id);
  }

  /** @returns how many rows went; there may be more */
  async expire(tenantId: string): Promise<number> {
    const [row] = await this.database.inTenantOnce<{ n: number }>(
      ...([tenantId, 'SELECT audit_expire($1, $2) AS n', [tenantId, EXPIRED_AT_ONCE]] as const),
    );
    return row?.n ?? 0;
  }
}

const SELECT = `
SELECT seq, at, actor, action, resource, resource_id, before, after, ip, user_agent, correlation_id,
    content_salt IS NULL AS is_erased, encode(hash, 'hex') AS hash
  FROM audit_log
 WHERE tenant_id = $1
   AND ($2::text IS NULL OR action = $2 OR ($2 LIKE '%.' AND starts_with(action, $2)))
   AND ($3::text IS NULL OR resource_id = $3)
   AND ($4::text IS NULL OR actor ->> 'keyId' = $4 OR actor ->> 'administratorId' = $4)
   AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
   AND ($7::bigint IS NULL OR seq < $7)
 ORDER BY seq DESC LIMIT $8`;
