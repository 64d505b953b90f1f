import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';

import { AppError, type Retry } from './app-error';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Until a value of a key that others have is tried again. */
const AGAIN_MS = 5_000;
/** Nonces drawn at a time: drawing costs a call into the system, whatever the number. */
const NONCES = 256;

export class UnknownMasterKeyError extends AppError {
  readonly code = 'unknown_master_key';

  /** @param retry while a key rolls out others have it already, and this process soon will: then it is no end */
  constructor(
    keyId: string,
    readonly retry: Retry = 'never',
  ) {
    super(`sealed with master key "${keyId}", which MASTER_KEYS does not contain`, {
      details: { keyId },
    });
  }
}

interface MasterKey {
  readonly secret: KeyObject;
  /** What everything sealed with it begins with: the length of its id, and its id. */
  readonly head: Buffer;
}

/**
 * Seals secrets at rest (P8): AES-256-GCM, a random nonce each, and the id of the key in front, so that keys can be
 * rotated. Format: 1 byte length of the key id, key id, 12 bytes nonce, 16 bytes tag, ciphertext.
 */
export class SecretBox {
  private sealing: string;
  private elsewhere: ReadonlySet<string> = new Set();
  private readonly nonces = Buffer.alloc(NONCES * NONCE_BYTES);
  private noncesUsed = NONCES;

  private constructor(
    private readonly keys: ReadonlyMap<string, MasterKey>,
    /** The first in MASTER_KEYS: the key that is to seal, as soon as every living process can open what it seals. */
    readonly primaryKeyId: string,
  ) {
    this.sealing = primaryKeyId;
  }

  /** @param spec `id:base64key[,id:base64key…]`, 32 bytes each; the first one seals until `sealWith` says otherwise. */
  static parse(spec: string): SecretBox {
    const keys = new Map<string, MasterKey>();
    for (const part of spec.split(',')) {
      const [id, encoded] = splitOnce(part.trim());
      const key = Buffer.from(encoded, 'base64');
      if (!/^[\w.-]{1,32}$/.test(id) || key.length !== 32)
        throw new RangeError(
          'MASTER_KEYS must be id:base64key[,id:base64key…] with keys of 32 bytes',
        );
      const head = Buffer.concat([Buffer.of(id.length), Buffer.from(id)]);
      if (!keys.has(id)) keys.set(id, { head, secret: createSecretKey(key) });
    }
    const [primary] = keys.keys();
    if (primary === undefined) throw new RangeError('MASTER_KEYS is empty');
    return new SecretBox(keys, primary);
  }

  /** Which key these bytes were sealed with. */
  static keyIdOf(sealed: Buffer): string {
    return sealed.subarray(1, 1 + (sealed[0] ?? 0)).toString();
  }

  /** In the order of MASTER_KEYS. */
  get keyIds(): readonly string[] {
    return [...this.keys.keys()];
  }

  /** The key that seals at present; the others only open. */
  get sealingKeyId(): string {
    return this.sealing;
  }

  /** @throws UnknownMasterKeyError */
  sealWith(keyId: string): void {
    this.key(keyId);
    this.sealing = keyId;
  }

  /** Ids of keys that other processes have; who meets a value of one that is missing here leaves it to them. */
  othersHave(keyIds: Iterable<string>): void {
    this.elsewhere = new Set(keyIds);
  }

  canOpen(sealed: Buffer): boolean {
    return this.keys.has(SecretBox.keyIdOf(sealed));
  }

  /** Whether one of these cannot be opened here, but by other processes. Null is no value. */
  isForOthers(...sealed: readonly (Buffer | null)[]): boolean {
    return sealed.some((one) => {
      if (one === null) return false;
      const keyId = SecretBox.keyIdOf(one);
      return !this.keys.has(keyId) && this.elsewhere.has(keyId);
    });
  }

  /** Tells two keys of one id apart and says nothing else: keys are random, so their hash cannot be guessed back. */
  fingerprintOf(keyId: string): string {
    const hash = createHash('sha256')
      .update('carillon master key')
      .update(this.key(keyId).secret.export());
    return hash.digest('hex').slice(0, 16);
  }

  seal(plain: string | Buffer, keyId: string = this.sealing): Buffer {
    const { head, secret } = this.key(keyId);
    const nonce = this.nextNonce();
    const cipher = createCipheriv('aes-256-gcm', secret, nonce);
    const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
    // Nothing comes behind: in this mode a text is as long as what it is sealed to.
    cipher.final();
    return Buffer.concat([head, nonce, cipher.getAuthTag(), body]);
  }

  /** @throws UnknownMasterKeyError when the key it was sealed with is gone */
  open(sealed: Buffer): Buffer {
    const idEnd = 1 + (sealed[0] ?? 0);
    const keyId = SecretBox.keyIdOf(sealed);
    const nonce = sealed.subarray(idEnd, idEnd + NONCE_BYTES);
    const tagEnd = idEnd + NONCE_BYTES + TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', this.key(keyId).secret, nonce);
    decipher.setAuthTag(sealed.subarray(idEnd + NONCE_BYTES, tagEnd));
    return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]);
  }

  openText(sealed: Buffer): string {
    return this.open(sealed).toString('utf8');
  }

  /** Random, and given out once; valid until the next is asked for. */
  private nextNonce(): Buffer {
    if (this.noncesUsed === NONCES) {
      randomFillSync(this.nonces);
      this.noncesUsed = 0;
    }
    const at = this.noncesUsed * NONCE_BYTES;
    this.noncesUsed += 1;
    return this.nonces.subarray(at, at + NONCE_BYTES);
  }

  private key(id: string): MasterKey {
    const key = this.keys.get(id);
    if (!key)
      throw new UnknownMasterKeyError(id, this.elsewhere.has(id) ? { afterMs: AGAIN_MS } : 'never');
    return key;
  }
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
