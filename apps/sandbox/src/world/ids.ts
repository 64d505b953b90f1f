import { createHash, randomBytes } from 'node:crypto';

/** A new message id in the platform's shape (messaging reference §4.2). */
export const newMessageId = (): string => `msg${randomBytes(12).toString('base64')}==`;

/** The same words always give the same conversation id. */
export const conversationIdOf = (...words: string[]): string =>
  `cid${createHash('sha256').update(words.join('\n')).digest().subarray(0, 16).toString('base64')}`;

/** The key of one sent message, also a card's carrier id. */
export const newProcessQueryKey = (): string => randomBytes(18).toString('base64');

/** Always holds `+`, `/` and `=`, which a client must URL-encode (C12). */
export const newTicket = (): string =>
  `${randomBytes(9).toString('base64')}+/${randomBytes(8).toString('base64')}`;

/** An encrypted-looking person id, stable per corp and person. */
export const lwcpOf = (corpId: string, id: string): string =>
  `$:LWCP_v1:$${createHash('sha256').update(`${corpId}:${id}`).digest('base64').slice(0, 22)}`;
