import { countTokens } from 'gpt-tokenizer';

/** Beyond it counting costs more than it is worth: a millisecond for every 20,000 characters. */
const COUNTED = 40_000;
/** The tokenizer is OpenAI's; others make up to a fifth more of the same words. */
const MARGIN = 1.2;
/** The tokenizer takes seconds for words that never end (their length squared), and with it the process (P10). */
const ENDLESS = /[^\s\p{P}]{500}/u;
const plain = { allowedSpecial: 'all' as const };

/** Tokens of a text. Errs high: a window that is a little too small does no harm, one that is too large fails. */
export function tokensOf(text: string): number {
  if (ENDLESS.test(text)) return estimate(text, 1.5);
  if (text.length > COUNTED) return estimate(text, 2.5);
  return Math.ceil(countTokens(text, plain) * MARGIN);
}

/** A letter of a script without spaces is a token and more, so many of the others are one. */
function estimate(text: string, lettersPerToken: number): number {
  const dense = text.match(/[^\u0000-\u00ff]/g)?.length ?? 0;
  return Math.ceil(dense * 1.3 + (text.length - dense) / lettersPerToken);
}
