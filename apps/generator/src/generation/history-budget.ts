import type { HistoryMessage } from '../agents/agent.port';

/** Characters of context besides the question; about 8,000 to 16,000 tokens, depending on the language. */
const BUDGET = 24_000;

/** The newest messages that fit, and always the question itself (the last message). Starts with a person's words. */
export function withinBudget(
  history: readonly HistoryMessage[],
  budget = BUDGET,
): HistoryMessage[] {
  const kept: HistoryMessage[] = [];
  let used = 0;
  for (const message of [...history].reverse()) {
    if (kept.length > 0 && used + message.text.length > budget) break;
    if (kept.length > 0) used += message.text.length;
    kept.unshift(message);
  }
  while (kept.length > 1 && kept[0]?.role === 'assistant') kept.shift();
  return kept;
}
