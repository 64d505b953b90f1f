import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import type { ModelFields } from './models.dto';

export interface ModelRow {
  id: string;
  name: string;
  provider: ModelFields['provider'];
  base_url: string | null;
  has_api_key: boolean;
  upstream_model: string | null;
  params: ModelFields['params'];
  trusted_address: boolean;
  created_at: Date;
  updated_at: Date;
  revision: number;
  cursor_at: string;
}

/** A model as it is stored: its key sealed, or undefined to leave the one that is there. */
export interface StoredModel extends Omit<ModelFields, 'apiKey'> {
  readonly apiKey: Buffer | null | undefined;
  readonly isTrustedAddress: boolean;
}

const COLUMNS = `id, name, provider, base_url, api_key IS NOT NULL AS has_api_key, upstream_model, params,
  trusted_address, created_at, updated_at, revision, created_at::text AS cursor_at`;
const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

@Injectable()
export class ModelsRepository {
  constructor(private readonly database: Database) {}

  list(tenantId: string, after: readonly string[] | null, limit: number): Promise<ModelRow[]> {
    return this.database.inTenantOnce<ModelRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM model WHERE ${LIVE}
          AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
        ORDER BY created_at, id LIMIT $4`,
      [tenantId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(tenantId: string, id: string): Promise<ModelRow | undefined> {
    const [row] = await this.database.inTenantOnce<ModelRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM model WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
    return row;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<ModelRow | undefined> {
    const [row] = await tx.query<ModelRow>(
      `SELECT ${COLUMNS} FROM model WHERE ${LIVE} AND id = $2 FOR UPDATE`,
      [tenantId, id],
    );
    return row;
  }

  async insert(tx: Tx, tenantId: string, id: string, model: StoredModel): Promise<ModelRow> {
    const [row] = await tx.query<ModelRow>(
      `INSERT INTO model (tenant_id, id, name, provider, base_url, upstream_model, params, trusted_address, api_key)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(model), model.apiKey ?? null],
    );
    return row as ModelRow;
  }

  async update(tx: Tx, tenantId: string, id: string, model: StoredModel): Promise<ModelRow> {
    const [row] = await tx.query<ModelRow>(
      `UPDATE model SET name = $3, provider = $4, base_url = $5, upstream_model = $6, params = $7,
          trusted_address = $8, api_key = CASE WHEN $10 THEN $9 ELSE api_key END,
          updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(model), model.apiKey ?? null, model.apiKey !== undefined],
    );
    return row as ModelRow;
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<void> {
    // The key goes at once; the rest stays for history.
    await tx.query(
      `UPDATE model SET deleted_at = now(), api_key = NULL WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
  }

  /** Agents and channels that would answer with this model now. */
  users(
    tx: Tx,
    tenantId: string,
    id: string,
  ): Promise<{ kind: 'agent' | 'channel'; id: string; name: string }[]> {
    return tx.query(
      `SELECT 'agent' AS kind, a.id, a.name FROM agent a JOIN agent_version v ON v.id = a.current_version_id
          WHERE a.tenant_id = $1 AND a.deleted_at IS NULL AND $2 IN (v.model_id, v.fallback_model_id)
        UNION ALL
        SELECT 'channel', id, name FROM channel WHERE ${LIVE} AND default_model_id = $2`,
      [tenantId, id],
    );
  }
}

const values = (model: StoredModel): unknown[] => [
  model.name,
  model.provider,
  model.baseUrl ?? null,
  model.upstreamModel ?? null,
  JSON.stringify(model.params),
  model.isTrustedAddress,
];
