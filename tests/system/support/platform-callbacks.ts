import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

export interface CallbackSecrets {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly token: string;
  readonly aesKey: string;
}

export interface Signed {
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An event whose text is whatever it is told to be, rightly signed and encrypted. */
export function signedEvent(text: string, secrets: CallbackSecrets): Signed {
  const key = Buffer.from(`${secrets.aesKey}=`, 'base64');
  const message = Buffer.from(text);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(message.length);
  const plain = Buffer.concat([randomBytes(16), size, message, Buffer.from(secrets.clientId)]);
  const gap = 32 - (plain.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const encrypt = Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(gap, gap)),
    cipher.final(),
  ]).toString('base64');
  const [timestamp, nonce] = [String(Date.now()), randomBytes(4).toString('hex')];
  const msg_signature = createHash('sha1')
    .update([secrets.token, timestamp, nonce, encrypt].sort().join(''))
    .digest('hex');
  const query = new URLSearchParams({ msg_signature, timestamp, nonce }).toString();
  return { query, headers: {}, body: JSON.stringify({ encrypt }) };
}

export function signedMessage(body: string, { clientSecret }: CallbackSecrets): Signed {
  const timestamp = String(Date.now());
  const sign = createHmac('sha256', clientSecret)
    .update(`${timestamp}\n${clientSecret}`)
    .digest('base64');
  return { query: '', headers: { timestamp, sign }, body };
}

export function signedClick(body: string, { token }: CallbackSecrets): Signed {
  const timestamp = String(Date.now());
  const headers = {
    'x-ddpaas-signature-timestamp': timestamp,
    'x-ddpaas-signature': createHmac('sha256', token).update(timestamp).digest('base64'),
  };
  return { query: '', headers, body };
}
