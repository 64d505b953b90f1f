import { CARD_LIMITS, splitMarkdown } from '../text/text-splitter';

/**
 * The text of an intermediate frame: what fits into one card, without a trailing line break (it flickers), an open code
 * fence closed.
 */
export function frameText(text: string): string {
  const [first = ''] = splitMarkdown(text, CARD_LIMITS);
  const shown = first.trimEnd();
  const fences = shown.match(/^\s{0,3}(```|~~~)/gm) ?? [];
  return fences.length % 2 === 0 ? shown : `${shown}\n\`\`\``;
}
