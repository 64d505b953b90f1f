import { hash, randomBytes } from 'node:crypto';

/** Namespace of every derived id. Changing it would make yesterday's redelivery a new message. */
const NAMESPACE = Buffer.from('c7a2b1f04d5e4f6a9b3c2d1e0f9a8b7c', 'hex');

/**
 * UUIDv5 of the parts: the same parts give the same id on every machine, so whatever runs twice writes the same row.
 * Parts are joined by NUL, which no platform id contains.
 */
export function derivedId(...parts: readonly string[]): string {
  const named = Buffer.concat([NAMESPACE, Buffer.from(parts.join('\0'))]);
  return formatUuid(hash('sha1', named, 'buffer'), 0x50);
}

/** UUIDv7: unique and roughly ordered by time, so that indexes stay compact. */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  return formatUuid(bytes, 0x70);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isUuid = (text: string): boolean => UUID.test(text);

/** Of the first 16 bytes, which are nobody else's: they are marked in place. */
function formatUuid(bytes: Buffer, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | version;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
