import { costOf } from '../models/cost';
import type { ModelAccess } from '../models/model-access';
import type { TokenUsage } from '../models/model-provider.port';

/** What one attempt used, over all its steps and models. */
export interface Usage extends TokenUsage {
  readonly toolCalls: number;
  readonly cost: number;
  /** Some of it was counted by us: the provider did not say. */
  readonly isEstimated: boolean;
}

/** Adds up what an attempt uses, so that it is known however the attempt ends. */
export class UsageTally {
  /** The model that spoke last. */
  modelId: string | null = null;
  toolCalls = 0;
  private usage: Omit<Usage, 'toolCalls'> | null = null;

  add(said: TokenUsage, model: ModelAccess | null, isEstimated = false): void {
    const used = {
      inputTokens: whole(said.inputTokens),
      outputTokens: whole(said.outputTokens),
      cachedTokens: whole(said.cachedTokens),
    };
    const sum = this.usage ?? {
      inputTokens: 0,
      outputTokens: 0,
      cachedTokens: 0,
      cost: 0,
      isEstimated: false,
    };
    this.usage = {
      inputTokens: sum.inputTokens + used.inputTokens,
      outputTokens: sum.outputTokens + used.outputTokens,
      cachedTokens: sum.cachedTokens + used.cachedTokens,
      cost: sum.cost + (model ? costOf(used, model.prices) : 0),
      isEstimated: sum.isEstimated || isEstimated,
    };
  }

  /** Null: nothing was used. */
  get total(): Usage | null {
    if (!this.usage && this.toolCalls === 0) return null;
    const none = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, cost: 0, isEstimated: false };
    return { ...(this.usage ?? none), toolCalls: this.toolCalls };
  }
}

/** More tokens than any model reads; a larger number is no number of tokens. */
const MOST = 1e12;

/** Providers write counts as words, fractions or nonsense; Postgres keeps whole ones. */
function whole(tokens: unknown): number {
  const count = Math.round(Number(tokens));
  return count > 0 && count <= MOST ? count : 0;
}
