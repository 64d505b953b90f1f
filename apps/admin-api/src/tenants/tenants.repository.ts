import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

export interface TenantRow {
  id: string;
  slug: string;
  name: string;
  audit_retention_days: number | null;
  created_at: Date;
  cursor_at: string;
}

const COLUMNS = 'id, slug, name, audit_retention_days, created_at, created_at::text AS cursor_at';

/** Tenants. A tenant's own key sees its own alone: `only` says which. */
@Injectable()
export class TenantsRepository {
  constructor(private readonly database: Database) {}

  list(only: string | null, after: readonly string[] | null, limit: number): Promise<TenantRow[]> {
    return this.database.platformOnce<TenantRow>(
      `SELECT ${COLUMNS} FROM tenant
        WHERE ($1::uuid IS NULL OR id = $1)
          AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
        ORDER BY created_at, id LIMIT $4`,
      [only, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(id: string): Promise<TenantRow | undefined> {
    const [row] = await this.database.platformOnce<TenantRow>(
      `SELECT ${COLUMNS} FROM tenant WHERE id = $1`,
      [id],
    );
    return row;
  }

  /** For a change: whoever else changes it waits, and merges into what this one leaves. */
  async lock(tx: Tx, id: string): Promise<TenantRow | undefined> {
    const [row] = await tx.query<TenantRow>(
      `SELECT ${COLUMNS} FROM tenant WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    return row;
  }

  async insert(tx: Tx, tenant: { id: string; slug: string; name: string }): Promise<TenantRow> {
    const [row] = await tx.query<TenantRow>(
      `INSERT INTO tenant (id, slug, name) VALUES ($1, $2, $3) RETURNING ${COLUMNS}`,
      [tenant.id, tenant.slug, tenant.name],
    );
    return row as TenantRow;
  }

  async update(
    tx: Tx,
    id: string,
    { name, auditRetentionDays }: { name: string; auditRetentionDays: number | null },
  ): Promise<TenantRow> {
    const [row] = await tx.query<TenantRow>(
      `UPDATE tenant SET name = $2, audit_retention_days = $3 WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, name, auditRetentionDays],
    );
    return row as TenantRow;
  }
}
