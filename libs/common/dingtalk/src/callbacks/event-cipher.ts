import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import type { Secret } from '@common/config';

import { CallbackRefusedError } from './callback.errors';

const BLOCK_BYTES = 16;
/** The platform pads to blocks of 32, which ciphers for blocks of 16 refuse: it is taken off by hand. */
const PADDING_BYTES = 32;
const RANDOM_BYTES = 16;
const HEAD_BYTES = RANDOM_BYTES + 4;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

export interface OpenedEvent {
  readonly message: string;
  /** Whose event it is: client id, or corp id for subscriptions of the old API. */
  readonly owner: string;
}

/** AES of event callbacks (enterprise reference §D.3). */
export class EventCipher {
  readonly #key: Buffer;

  /** @param aesKey 43 characters; the last one may carry spare bits, which Node's decoder drops */
  constructor(aesKey: Secret) {
    this.#key = Buffer.from(`${aesKey.reveal()}=`, 'base64');
    if (this.#key.length !== 32) throw new RangeError('aesKey must be 43 characters of base64');
  }

  /** @throws CallbackRefusedError for whatever is not what the platform makes; never anything else */
  open(encrypt: string): OpenedEvent {
    const plain = withoutPadding(this.decipher(encrypt));
    if (plain.length < HEAD_BYTES) throw new CallbackRefusedError('length_mismatch');
    const end = HEAD_BYTES + plain.readUInt32BE(RANDOM_BYTES);
    if (end > plain.length) throw new CallbackRefusedError('length_mismatch');
    return {
      message: plain.subarray(HEAD_BYTES, end).toString('utf8'),
      owner: plain.subarray(end).toString('utf8'),
    };
  }

  /** @param random 16 bytes; given only where the result must be foreseen */
  seal(
    message: string,
    owner: string,
    random: Buffer = printable(randomBytes(RANDOM_BYTES)),
  ): string {
    const body = Buffer.from(message);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    const plain = Buffer.concat([random, length, body, Buffer.from(owner)]);
    const padding = PADDING_BYTES - (plain.length % PADDING_BYTES);
    const cipher = createCipheriv('aes-256-cbc', this.#key, this.iv).setAutoPadding(false);
    return Buffer.concat([
      cipher.update(plain),
      cipher.update(Buffer.alloc(padding, padding)),
      cipher.final(),
    ]).toString('base64');
  }

  private get iv(): Buffer {
    return this.#key.subarray(0, BLOCK_BYTES);
  }

  private decipher(encrypt: string): Buffer {
    const sealed = BASE64.test(encrypt) ? Buffer.from(encrypt, 'base64') : Buffer.alloc(0);
    if (sealed.length === 0 || sealed.length % BLOCK_BYTES !== 0)
      throw new CallbackRefusedError('undecryptable');
    const decipher = createDecipheriv('aes-256-cbc', this.#key, this.iv).setAutoPadding(false);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  }
}

function withoutPadding(padded: Buffer): Buffer {
  const count = padded.at(-1) ?? 0;
  const end = padded.length - count;
  const isPadding = count >= 1 && count <= PADDING_BYTES && end >= 0;
  if (!isPadding || padded.subarray(end).some((byte) => byte !== count))
    throw new CallbackRefusedError('undecryptable');
  return padded.subarray(0, end);
}

/** The platform's own libraries use letters here. */
const printable = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => 97 + (byte % 26)));
