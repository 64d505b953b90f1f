import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

import { AppError } from './app-error';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class UnknownMasterKeyError extends AppError {
  readonly code = 'unknown_master_key';
  readonly retry = 'never';

  constructor(keyId: string) {
    super(`sealed with master key "${keyId}", which MASTER_KEYS does not contain`, {
      details: { keyId },
    });
  }
}

/**
 * Seals secrets at rest (P8): AES-256-GCM, a random nonce each, and the id of the key in front, so that keys can be
 * rotated. Format: 1 byte length of the key id, key id, 12 bytes nonce, 16 bytes tag, ciphertext.
 */
export class SecretBox {
  private constructor(
    private readonly keys: ReadonlyMap<string, Buffer>,
    /** The key that seals; the others only open. */
    readonly primaryKeyId: string,
  ) {}

  /** @param spec `id:base64key[,id:base64key…]`, 32 bytes each; the first one seals. */
  static parse(spec: string): SecretBox {
    const keys = new Map<string, Buffer>();
    for (const part of spec.split(',')) {
      const [id, encoded] = splitOnce(part.trim());
      const key = Buffer.from(encoded, 'base64');
      if (!/^[\w.-]{1,32}$/.test(id) || key.length !== 32)
        throw new RangeError(
          'MASTER_KEYS must be id:base64key[,id:base64key…] with keys of 32 bytes',
        );
      if (!keys.has(id)) keys.set(id, key);
    }
    const [primary] = keys.keys();
    if (primary === undefined) throw new RangeError('MASTER_KEYS is empty');
    return new SecretBox(keys, primary);
  }

  /** Which key these bytes were sealed with. */
  static keyIdOf(sealed: Buffer): string {
    return sealed.subarray(1, 1 + (sealed[0] ?? 0)).toString();
  }

  get keyIds(): readonly string[] {
    return [...this.keys.keys()];
  }

  /** Tells two keys of one id apart and says nothing else: keys are random, so their hash cannot be guessed back. */
  fingerprintOf(keyId: string): string {
    const hash = createHash('sha256').update('carillon master key').update(this.key(keyId));
    return hash.digest('hex').slice(0, 16);
  }

  seal(plain: string | Buffer): Buffer {
    const id = Buffer.from(this.primaryKeyId);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key(this.primaryKeyId), nonce);
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(id.length), id, nonce, cipher.getAuthTag(), body]);
  }

  /** @throws UnknownMasterKeyError when the key it was sealed with is gone */
  open(sealed: Buffer): Buffer {
    const idEnd = 1 + (sealed[0] ?? 0);
    const keyId = SecretBox.keyIdOf(sealed);
    const nonce = sealed.subarray(idEnd, idEnd + NONCE_BYTES);
    const tagEnd = idEnd + NONCE_BYTES + TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', this.key(keyId), nonce);
    decipher.setAuthTag(sealed.subarray(idEnd + NONCE_BYTES, tagEnd));
    return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]);
  }

  openText(sealed: Buffer): string {
    return this.open(sealed).toString('utf8');
  }

  private key(id: string): Buffer {
    const key = this.keys.get(id);
    if (!key) throw new UnknownMasterKeyError(id);
    return key;
  }
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
