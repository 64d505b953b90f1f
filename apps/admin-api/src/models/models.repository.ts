import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import { type ColumnValues, type LiveRow, LiveRows } from '../resources/live-rows';
import type { ModelFields } from './models.dto';

export interface ModelRow extends LiveRow {
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

const COLUMNS = `name, provider, base_url, api_key IS NOT NULL AS has_api_key, upstream_model, params,
  headers, proxy IS NOT NULL AS has_proxy, timeouts, prices, context_tokens, sees_images, max_concurrent, trusted_address`;
const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

@Injectable()
export class ModelsRepository extends LiveRows<ModelRow, StoredModel> {
  constructor(database: Database) {
    const secrets = ['api_key', 'headers', 'proxy'];
    super(database, { name: 'model', columns: COLUMNS, secrets });
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

  protected valuesOf(model: StoredModel): ColumnValues {
    return {
      name: model.name,
      provider: model.provider,
      base_url: model.baseUrl ?? null,
      upstream_model: model.upstreamModel ?? null,
      params: JSON.stringify(model.params),
      trusted_address: model.isTrustedAddress,
      timeouts: JSON.stringify(model.timeouts),
      prices: JSON.stringify(model.prices),
      context_tokens: model.contextTokens ?? null,
      sees_images: model.seesImages,
      max_concurrent: model.maxConcurrent ?? null,
      api_key: model.apiKey,
      headers: model.headers,
      proxy: model.proxy,
    };
  }
}
