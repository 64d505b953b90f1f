import { renderMarkdown } from '../markdown/render-markdown';
import { settledPart } from '../text/line-breaks';
import { CARD_LIMITS, splitMarkdown } from '../text/text-splitter';

/** UTF-16 units: more than any card takes, so that a long answer is not rendered whole for every frame. */
const LOOK_AT = 3 * CARD_LIMITS.maxCharacters;
/** From this part of a card on, the answer may be one that goes on in messages. */
const MAY_BE_CUT = 0.75;
/** A line that fits into no card that has anything in it. */
const MORE = `\n${'x'.repeat(CARD_LIMITS.maxCharacters - 100)}`;

/**
 * The text of an intermediate frame: what fits into one card, without a trailing line break (it flickers), an open code
 * fence closed. What later words could change or move to the next piece is left for later frames, so that a reader sees
 * the text grow only.
 */
export function frameText(text: string): string {
  const rendered = renderMarkdown(withoutUndecided(text.slice(0, LOOK_AT)), 'card');
  const mayBeCut =
    rendered.length > CARD_LIMITS.maxCharacters * MAY_BE_CUT ||
    Buffer.byteLength(rendered) > CARD_LIMITS.maxBytes * MAY_BE_CUT;
  const [first = ''] = splitMarkdown(
    mayBeCut ? wholeLines(rendered) + MORE : rendered,
    CARD_LIMITS,
  );
  const shown = first.trimEnd();
  const fences = shown.match(/^\s{0,3}(```|~~~)/gm) ?? [];
  return fences.length % 2 === 0 ? shown : `${shown}\n\`\`\``;
}

/** A last line of marks alone: what it makes of itself and of the line before it depends on what follows. */
const withoutUndecided = (text: string): string =>
  text.replace(/\n[ \t]*(?:\d{1,9}[.)]?[ \t]*|[-*+#>|:=~`][-*+#>|:=~` \t]*)$/, '');

/** A line that grows may come to need the next piece; the only one there is, from its last word on. */
const wholeLines = (text: string): string =>
  text.includes('\n') ? text.slice(0, text.lastIndexOf('\n')) : settledPart(text);
