import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const PREFIX_CHARACTERS = 12;

/** A new key: shown once, then only its prefix and hash are known. */
export function newApiKey(): { readonly key: string; readonly prefix: string } {
  const key = `cak_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { key, prefix: key.slice(0, PREFIX_CHARACTERS) };
}

/** Keys are long and random, so one round of SHA-256 is enough to keep them safe at rest. */
export const hashOfKey = (key: string): Buffer => createHash('sha256').update(key).digest();
