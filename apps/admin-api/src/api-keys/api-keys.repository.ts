import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import type { Role } from '../auth/role';

export interface ApiKeyRow {
  id: string;
  tenant_id: string | null;
  name: string;
  role: Role;
  prefix: string;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
  channel_ids: string[] | null;
  cursor_at: string;
}

export interface NewApiKey {
  readonly id: string;
  readonly tenantId: string | null;
  readonly name: string;
  readonly role: Role;
  readonly prefix: string;
  readonly hash: Buffer;
  readonly expiresAt: string | null;
  readonly channelIds: readonly string[] | null;
}

const COLUMNS = `id, tenant_id, name, role, prefix, created_at, expires_at, last_used_at, revoked_at, channel_ids,
  created_at::text AS cursor_at`;
/** `$1` is the tenant, `$2` whether the keys of the platform are in sight too. */
const IN_SIGHT = '(tenant_id = $1 OR ($2 AND tenant_id IS NULL))';

/** Keys: their hashes never leave the database. */
@Injectable()
export class ApiKeysRepository {
  constructor(private readonly database: Database) {}

  list(
    tenantId: string,
    withPlatform: boolean,
    after: readonly string[] | null,
    limit: number,
  ): Promise<ApiKeyRow[]> {
    return this.database.platformOnce<ApiKeyRow>(
      `SELECT ${COLUMNS} FROM api_key WHERE ${IN_SIGHT}
          AND ($3::timestamptz IS NULL OR (created_at, id) > ($3, $4::uuid))
        ORDER BY created_at, id LIMIT $5`,
      [tenantId, withPlatform, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(tenantId: string, withPlatform: boolean, id: string): Promise<ApiKeyRow | undefined> {
    const [row] = await this.database.platformOnce<ApiKeyRow>(
      `SELECT ${COLUMNS} FROM api_key WHERE ${IN_SIGHT} AND id = $3`,
      [tenantId, withPlatform, id],
    );
    return row;
  }

  async insert(tx: Tx, key: NewApiKey): Promise<ApiKeyRow> {
    const [row] = await tx.query<ApiKeyRow>(
      `INSERT INTO api_key (id, tenant_id, name, role, prefix, hash, expires_at, channel_ids)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${COLUMNS}`,
      [
        ...[key.id, key.tenantId, key.name, key.role, key.prefix, key.hash, key.expiresAt],
        key.channelIds,
      ],
    );
    return row as ApiKeyRow;
  }

  /** It works a while longer beside the one that takes its place, never longer than it would have. */
  async runOut(tx: Tx, id: string, seconds: number): Promise<ApiKeyRow> {
    const [row] = await tx.query<ApiKeyRow & Record<string, unknown>>(
      `UPDATE api_key SET expires_at = LEAST(expires_at, now() + $2 * interval '1 second') WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, seconds],
    );
    return row as ApiKeyRow;
  }

  async revoke(tx: Tx, id: string): Promise<ApiKeyRow> {
    const [row] = await tx.query<ApiKeyRow>(
      `UPDATE api_key SET revoked_at = COALESCE(revoked_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
      [id],
    );
    return row as ApiKeyRow;
  }
}
