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

  add(used: TokenUsage, model: ModelAccess | null, isEstimated = false): void {
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
