import type { Prices } from './model-access';
import type { TokenUsage } from './model-provider.port';

/** What these tokens cost, in the currency of the prices. Cached input without a price of its own costs as any other. */
export function costOf(usage: TokenUsage, prices: Prices): number {
  const { inputPerMillion = 0, outputPerMillion = 0 } = prices;
  const { cachedPerMillion = inputPerMillion } = prices;
  const cached = Math.min(usage.cachedTokens, usage.inputTokens);
  const fresh = usage.inputTokens - cached;
  return (
    (fresh * inputPerMillion + cached * cachedPerMillion + usage.outputTokens * outputPerMillion) /
    1_000_000
  );
}
