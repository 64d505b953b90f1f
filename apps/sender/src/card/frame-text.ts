import { renderMarkdown } from '../markdown/render-markdown';
import { CARD_LIMITS, splitMarkdown } from '../text/text-splitter';

/** UTF-16 units: more than any card takes, so that a long answer is not rendered whole for every frame. */
const LOOK_AT = 3 * CARD_LIMITS.maxCharacters;

/**
 * The text of an intermediate frame: what fits into one card, without a trailing line break (it flickers), an open code
 * fence closed.
 */
export function frameText(text: string): string {
  const [first = ''] = splitMarkdown(renderMarkdown(text.slice(0, LOOK_AT), 'card'), CARD_LIMITS);
  const shown = first.trimEnd();
  const fences = shown.match(/^\s{0,3}(```|~~~)/gm) ?? [];
  return fences.length % 2 === 0 ? shown : `${shown}\n\`\`\``;
}
