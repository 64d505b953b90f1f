/**
 * Wait before attempt `attempt` (0 = first retry): uniformly random in [0, min(cap, base × 2^attempt)].
 * Full jitter spreads a crowd of clients better than jitter on top of a fixed wait.
 */
export function fullJitterMs(
  attempt: number,
  { baseMs = 1_000, capMs = 60_000, random = Math.random } = {},
): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
}
