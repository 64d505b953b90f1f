import { oneLine } from '../routing/numbered-list';

const MAX_TITLE = 60;

/** A name for a conversation, on one line; null when there is none in the text, or when it is too long to be one. */
export function titleFrom(text: string): string | null {
  const title = oneLine(text);
  return title === '' || [...title].length > MAX_TITLE ? null : title;
}
