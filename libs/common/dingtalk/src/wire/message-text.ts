import type { MessagePart } from '@common/domain';

/** Zero-width characters that `trim` leaves alone; a joiner inside an emoji is not at an edge. */
const INVISIBLE = /[\s\u200b\u2060]/;

/**
 * The words of a message, joined as they were written and trimmed including NBSP and U+2005, which groups leave after a
 * mention. A picture between two pieces separates lines; a mention of the bot itself is no part of the question. '' when
 * there are no words.
 */
export function wordsOf(parts: readonly MessagePart[]): string {
  let joined = '';
  for (const part of parts) {
    if (part.kind === 'picture') joined += joined === '' || joined.endsWith('\n') ? '' : '\n';
    else joined += wordsOfPart(part);
  }
  return withoutInvisibleEdges(joined.replaceAll('\r\n', '\n'));
}

/** Looks at each character once: a pattern for the end of a text begins anew at every blank inside it (P10). */
function withoutInvisibleEdges(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && INVISIBLE.test(text.charAt(start))) start += 1;
  while (start < end && INVISIBLE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function wordsOfPart(part: MessagePart): string {
  if (part.kind === 'text') return part.text;
  if (part.kind === 'audio') return part.recognition ?? '';
  if (part.kind !== 'mention' || part.isBot || part.name === null) return '';
  return `@${part.name} `;
}
