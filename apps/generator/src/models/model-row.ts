import type { ModelAccess } from './model-access';

/** A model's columns as `MODEL_COLUMNS` names them; all null when there is none. */
export interface ModelRow {
  model_id: string | null;
  provider: ModelAccess['provider'];
  base_url: string | null;
  api_key: Buffer | null;
  headers: Buffer | null;
  proxy: Buffer | null;
  upstream_model: string | null;
  params: ModelAccess['params'];
  timeouts: ModelAccess['timeouts'];
  prices: ModelAccess['prices'];
  context_tokens: number | null;
  sees_images: boolean;
  trusted_address: boolean;
}

/** Of the table `model m`. */
export const MODEL_COLUMNS = `m.id AS model_id, m.provider, m.base_url, m.api_key, m.headers, m.proxy, m.upstream_model,
  m.params, m.timeouts, m.prices, m.context_tokens, m.sees_images, m.trusted_address`;

export const toModelAccess = (row: ModelRow): ModelAccess | null =>
  row.model_id === null
    ? null
    : {
        id: row.model_id,
        provider: row.provider,
        baseUrl: row.base_url,
        apiKey: row.api_key,
        headers: row.headers,
        proxy: row.proxy,
        upstreamModel: row.upstream_model,
        params: row.params,
        timeouts: row.timeouts,
        prices: row.prices,
        contextTokens: row.context_tokens,
        seesImages: row.sees_images,
        isTrustedAddress: row.trusted_address,
      };
