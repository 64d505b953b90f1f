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
  headers: Buffer | null;
  has_proxy: boolean;
  timeouts: ModelFields['timeouts'];
  prices: ModelFields['prices'];
  context_tokens: number | null;
  sees_images: boolean;
  max_concurrent: number | null;
  trusted_address: boolean;
  created_at: Date;
  updated_at: Date;
  revision: number;
  cursor_at: string;
}

export interface ModelAccessRow {
  provider: ModelFields['provider'];
  base_url: string | null;
  api_key: Buffer | null;
  headers: Buffer | null;
  upstream_model: string | null;
  trusted_address: boolean;
}

/** A model as it is stored: its secrets sealed, or undefined to leave what is there. */
export interface StoredModel extends Omit<ModelFields, 'apiKey' | 'headers' | 'proxyUrl'> {
  readonly apiKey: Buffer | null | undefined;
  readonly headers: Buffer | null | undefined;
  readonly proxy: Buffer | null | undefined;
  readonly isTrustedAddress: boolean;
}

const COLUMNS = `id, name, provider, base_url, api_key IS NOT NULL AS has_api_key, upstream_model, params,
  headers, proxy IS NOT NULL AS has_proxy, timeouts, prices, context_tokens, sees_images, max_concurrent, trusted_address,
  created_at, updated_at, revision, created_at::text AS cursor_at`;
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
      `SELECT ${COLUMNS} FROM model WHERE ${LIVE} AND id = $2 FOR NO KEY UPDATE`,
      [tenantId, id],
    );
    return row;
  }

  async insert(tx: Tx, tenantId: string, id: string, model: StoredModel): Promise<ModelRow> {
    const [row] = await tx.query<ModelRow>(
      `INSERT INTO model (tenant_id, id, name, provider, base_url, upstream_model, params, trusted_address, timeouts,
          prices, context_tokens, sees_images, max_concurrent, api_key, headers, proxy)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(model), ...secrets(model)],
    );
    return row as ModelRow;
  }

  async update(tx: Tx, tenantId: string, id: string, model: StoredModel): Promise<ModelRow> {
    const [row] = await tx.query<ModelRow>(
      `UPDATE model SET name = $3, provider = $4, base_url = $5, upstream_model = $6, params = $7,
          trusted_address = $8, timeouts = $9, prices = $10, context_tokens = $11, sees_images = $12, max_concurrent = $13,
          api_key = CASE WHEN $17 THEN $14 ELSE api_key END, headers = CASE WHEN $18 THEN $15 ELSE headers END,
          proxy = CASE WHEN $19 THEN $16 ELSE proxy END, updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${COLUMNS}`,
      [
        ...[tenantId, id, ...values(model), ...secrets(model)],
        ...[model.apiKey, model.headers, model.proxy].map((secret) => secret !== undefined),
      ],
    );
    return row as ModelRow;
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<void> {
    // The secrets go at once; the rest stays for history.
    await tx.query(
      `UPDATE model SET deleted_at = now(), api_key = NULL, headers = NULL, proxy = NULL WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
  }

  /** What a test of the model needs, its key sealed. */
  async access(tenantId: string, id: string): Promise<ModelAccessRow | undefined> {
    const [row] = await this.database.inTenantOnce<ModelAccessRow>(
      tenantId,
      `SELECT provider, base_url, api_key, headers, upstream_model, trusted_address FROM model WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
    return row;
  }

  /** Agents and channels that would answer with this model now. */
  users(
    tx: Tx,
    tenantId: string,
    id: string,
  ): Promise<{ kind: 'agent' | 'channel'; id: string; name: string }[]> {
    return tx.query(
      `SELECT 'agent' AS kind, a.id, a.name FROM agent a JOIN agent_version v ON v.id = a.current_version_id
          OR (v.agent_id = a.id AND v.id IN (SELECT canary_version_id FROM channel WHERE ${LIVE}))
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
  JSON.stringify(model.timeouts),
  JSON.stringify(model.prices),
  model.contextTokens ?? null,
  model.seesImages,
  model.maxConcurrent ?? null,
];

const secrets = (model: StoredModel): (Buffer | null)[] => [
  model.apiKey ?? null,
  model.headers ?? null,
  model.proxy ?? null,
];
