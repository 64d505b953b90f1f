import { createCipheriv, createDecipheriv, createHash, createHmac, randomInt } from 'node:crypto';

/** What the developer console made for one address. */
export interface EventPair {
  readonly token: string;
  /** 43 characters. */
  readonly aesKey: string;
}

export interface SealedText {
  readonly encrypt: string;
  readonly signature: string;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const sixteen = (): string =>
  Array.from({ length: 16 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');

/** SHA-1 over the four texts in byte order (enterprise reference §D.3, step 2). */
export function signatureOf(
  token: string,
  timestamp: string,
  nonce: string,
  encrypt: string,
): string {
  const ordered = [token, timestamp, nonce, encrypt].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return createHash('sha1').update(ordered.join('')).digest('hex');
}

/** Encrypts the way the platform does: padding to 32, random text first, the owner last. */
export function sealText(
  pair: EventPair,
  what: { message: string; owner: string; timestamp: string; nonce: string; random?: string },
): SealedText {
  const key = Buffer.from(`${pair.aesKey}=`, 'base64');
  const message = Buffer.from(what.message, 'utf8');
  const size = Buffer.alloc(4);
  size.writeInt32BE(message.length);
  const parts = [Buffer.from(what.random ?? sixteen()), size, message, Buffer.from(what.owner)];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const gap = 32 - (length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  cipher.setAutoPadding(false);
  const plain = Buffer.concat([...parts, Buffer.alloc(gap, gap)]);
  const encrypt = Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
  return { encrypt, signature: signatureOf(pair.token, what.timestamp, what.nonce, encrypt) };
}

/** Decrypts an answer. @throws Error when it is none the platform would understand */
export function openText(pair: EventPair, encrypt: string): { message: string; owner: string } {
  const key = Buffer.from(`${pair.aesKey}=`, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
  decipher.setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(encrypt, 'base64'), decipher.final()]);
  const gap = plain[plain.length - 1] ?? 0;
  if (gap < 1 || gap > 32) throw new Error('900008 padding');
  const end = plain.length - gap;
  const size = plain.readInt32BE(16);
  if (size < 0 || 20 + size > end) throw new Error('900009 length');
  return {
    message: plain.toString('utf8', 20, 20 + size),
    owner: plain.toString('utf8', 20 + size, end),
  };
}

/** Whether an answer to an event says what the platform wants to read (§D.4). */
export function isAnswer(pair: EventPair, body: unknown, word: string): boolean {
  if (typeof body !== 'object' || body === null) return false;
  const { msg_signature, timeStamp, timestamp, nonce, encrypt } = body as Record<string, unknown>;
  const time = timeStamp ?? timestamp;
  if (typeof encrypt !== 'string' || typeof nonce !== 'string') return false;
  if (signatureOf(pair.token, String(time), nonce, encrypt) !== msg_signature) return false;
  try {
    return openText(pair, encrypt).message === word;
  } catch {
    return false; // An answer that cannot be read is none.
  }
}

/** `sign` of a robot message in HTTP mode (messaging reference §4.1). */
export const robotSign = (timestamp: string, appSecret: string): string =>
  createHmac('sha256', appSecret).update(`${timestamp}\n${appSecret}`).digest('base64');

/** `x-ddpaas-signature` (enterprise reference §F.4). */
export const cardSign = (timestamp: string, apiSecret: string): string =>
  createHmac('sha256', apiSecret).update(timestamp).digest('base64');
