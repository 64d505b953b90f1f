import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import type { Secret } from '@common/config';

/** How far the platform's clock and ours may be apart, and how long a callback may be under way (messaging §4.1). */
export const CALLBACK_WINDOW_MS = 60 * 60_000;

/** Below this a timestamp is in seconds: the year 1973 in ms, the year 5138 in seconds. */
const SECONDS_BELOW = 100_000_000_000;

/** Whether the time a callback was signed with is near enough. Digits only; seconds are understood too. */
export function isInWindow(timestamp: string, nowMs: number): boolean {
  if (!/^\d{1,16}$/.test(timestamp)) return false;
  const value = Number(timestamp);
  const sentMs = value < SECONDS_BELOW ? value * 1_000 : value;
  return Math.abs(nowMs - sentMs) <= CALLBACK_WINDOW_MS;
}

/** `sign` of a robot message over HTTP (messaging reference §4.1). It covers the time, not the body. */
export const robotSignature = (timestamp: string, appSecret: Secret): string =>
  createHmac('sha256', appSecret.reveal())
    .update(`${timestamp}\n${appSecret.reveal()}`)
    .digest('base64');

/** `x-ddpaas-signature` of a card action over HTTP (enterprise reference §F.4). It covers the time, not the body. */
export const cardSignature = (timestamp: string, apiSecret: Secret): string =>
  createHmac('sha256', apiSecret.reveal()).update(timestamp).digest('base64');

/** `msg_signature` of an event (enterprise reference §D.3): over token, time, nonce and ciphertext. */
export function eventSignature(
  token: Secret,
  timestamp: string,
  nonce: string,
  encrypt: string,
): string {
  // Sorted by bytes, as the platform does; all four are ASCII where the signature is right.
  const parts = [token.reveal(), timestamp, nonce, encrypt].map((part) => Buffer.from(part));
  return createHash('sha1')
    .update(Buffer.concat(parts.sort((one, other) => Buffer.compare(one, other))))
    .digest('hex');
}

/** In a time that depends on nothing but the lengths: of hashes, so that these tell nothing either. */
export function isSameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
