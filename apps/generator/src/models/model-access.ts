/** What one million tokens cost. Cached input tokens are those the provider says it had read before. */
export interface Prices {
  readonly inputPerMillion?: number;
  readonly outputPerMillion?: number;
  readonly cachedPerMillion?: number;
}

/** In milliseconds; what is unset is the installation's default. */
export interface ModelTimeouts {
  readonly connectMs?: number;
  readonly firstTokenMs?: number;
  readonly betweenTokensMs?: number;
  readonly totalMs?: number;
}

/** A language model as an administrator set it up. */
export interface ModelAccess {
  readonly id: string;
  readonly provider: 'openai-compatible' | 'anthropic' | 'demo';
  readonly baseUrl: string | null;
  /** Sealed. */
  readonly apiKey: Buffer | null;
  /** Sealed JSON of further headers; they may carry keys. */
  readonly headers: Buffer | null;
  /** Sealed URL; only a platform key may set one. */
  readonly proxy: Buffer | null;
  readonly upstreamModel: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly timeouts: ModelTimeouts;
  readonly prices: Prices;
  /** Tokens of question, context and answer together; null: unknown. */
  readonly contextTokens: number | null;
  readonly seesImages: boolean;
  /** Its address may be private: a platform key wrote it. */
  readonly isTrustedAddress: boolean;
}
