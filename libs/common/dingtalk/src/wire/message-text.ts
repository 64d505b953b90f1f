import type { MessagePart } from '@common/domain';

/** Zero-width characters that `trim` leaves alone; a joiner inside an emoji is not at an edge. */
const INVISIBLE_EDGES = /^[\s\u200b\u2060]+|[\s\u200b\u2060]+$/g;

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
  return joined.replaceAll('\r\n', '\n').replace(INVISIBLE_EDGES, '');
}

function wordsOfPart(part: MessagePart): string {
  if (part.kind === 'text') return part.text;
  if (part.kind === 'audio') return part.recognition ?? '';
  if (part.kind !== 'mention' || part.isBot || part.name === null) return '';
  return `@${part.name} `;
}
