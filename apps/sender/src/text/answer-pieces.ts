import { asMessage, renderMarkdown } from '../markdown/render-markdown';
import { CARD_LIMITS, MESSAGE_LIMITS, numbered, splitMarkdown } from './text-splitter';

/** The pieces of an answer that begins in a card: what does not fit there follows as messages. */
export function cardPieces(text: string): { readonly card: string; readonly rest: string[] } {
  const [card = '', ...rest] = numbered(splitMarkdown(renderMarkdown(text, 'card'), CARD_LIMITS));
  return { card, rest: rest.map(asMessage) };
}

/** The pieces of an answer in messages. */
export const messagePieces = (text: string): string[] =>
  numbered(splitMarkdown(renderMarkdown(text, 'message'), MESSAGE_LIMITS));

/** The line under an answer that says who made it; the answer stays as it is before it. */
export const withMark = (text: string, mark: string | null): string =>
  mark === null || text === '' ? text : `${text}\n\n${mark}`;
