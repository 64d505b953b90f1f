import { createCipheriv } from 'node:crypto';

import { Secret } from '@common/config';

import { CallbackRefusedError } from './callback.errors';
import { eventSignature } from './callback-signatures';
import { EventCipher } from './event-cipher';
import { answerEvent, checkWordOf, openEvent, readEventStamp } from './event-envelope';
import { vector, type Vector } from './vectors.fixture';

const keysOf = ({ token, aesKey }: Pick<Vector, 'token' | 'aesKey'>) => ({
  token: new Secret(token),
  aesKey: new Secret(aesKey),
});
const queryOf = ({ signature, timestamp, nonce }: Vector) =>
  new URLSearchParams({ msg_signature: signature, signature, timestamp, nonce });
const open = (what: Vector, change: Partial<Vector> = {}) => {
  const sent = { ...what, ...change };
  const stamp = readEventStamp(queryOf(sent));
  return openEvent(JSON.stringify({ encrypt: sent.encrypt }), stamp, [keysOf(what)]);
};
const whyOf = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof CallbackRefusedError) return error.why;
    throw error;
  }
  return 'accepted';
};
/** Plain bytes, padded as told and signed rightly. */
function sealed(plain: Buffer, what = vector('V1')): Vector {
  const key = Buffer.from(`${what.aesKey}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const encrypt = Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
  return signed({ ...what, encrypt });
}
const signed = (what: Vector): Vector => ({
  ...what,
  signature: eventSignature(new Secret(what.token), what.timestamp, what.nonce, what.encrypt),
});

describe('E90 the test vectors', () => {
  it.each([['V1'], ['V2'], ['V4'], ['P1'], ['P2'], ['P3']])('%s opens to its text', (name) => {
    const { message, owner } = vector(name);
    expect(open(vector(name))).toMatchObject({ message, owner });
  });

  it.each([['V1'], ['V2'], ['V3'], ['V4'], ['V5']])('%s is made again byte by byte', (name) => {
    const { aesKey, message, owner, random, encrypt, token, timestamp, nonce, signature } =
      vector(name);
    expect(new EventCipher(new Secret(aesKey)).seal(message, owner, Buffer.from(random))).toBe(
      encrypt,
    );
    expect(eventSignature(new Secret(token), timestamp, nonce, encrypt)).toBe(signature);
  });
});

describe('E91 a right signature over something wrong', () => {
  it('V5 names its owner, whom the channel then refuses', () => {
    expect(open(vector('V5')).owner).toBe('dingotherapp');
  });

  it('V6 claims more than it has', () => {
    expect(whyOf(() => open(vector('V6')))).toBe('length_mismatch');
  });
});

it('E92 refuses one flipped bit anywhere before it decrypts', () => {
  const decrypting = jest.spyOn(EventCipher.prototype, 'open');
  for (const part of ['encrypt', 'nonce', 'timestamp', 'signature'] as const)
    for (const name of ['V1', 'V2', 'V4', 'V6']) {
      const text = vector(name)[part];
      for (let at = 0; at < text.length; at += 7) {
        const flipped = String.fromCharCode(text.charCodeAt(at) ^ 1);
        const changed = text.slice(0, at) + flipped + text.slice(at + 1);
        expect(whyOf(() => open(vector(name), { [part]: changed }))).toBe('signature_wrong');
      }
    }
  expect(decrypting).not.toHaveBeenCalled();
});

describe('E93 a right signature over no ciphertext of the platform', () => {
  const body = (padding: number[], length = 64): Buffer =>
    Buffer.concat([Buffer.alloc(length - padding.length, 'x'), Buffer.from(padding)]);

  it.each([
    ['padding 0', sealed(body([0]))],
    ['padding 33', sealed(body(Array<number>(33).fill(33)))],
    ['inconsistent padding', sealed(body([4, 3, 4, 4]))],
    ['padding longer than the text', sealed(Buffer.alloc(16, 32))],
    ['too short for its head', sealed(body(Array<number>(30).fill(30), 32))],
    ['not a multiple of 16', signed({ ...vector('V1'), encrypt: 'YWJj' })],
    ['no base64', signed({ ...vector('V1'), encrypt: '*'.repeat(64) })],
    ['base64 of the web', signed({ ...vector('V1'), encrypt: '-_'.repeat(32) })],
    ['nothing', signed({ ...vector('V1'), encrypt: '' })],
  ])('%s', (_name, what) => {
    expect(whyOf(() => open(what))).toMatch(/^(undecryptable|length_mismatch)$/);
  });
});

describe('E94 the two names of the signature', () => {
  const v1 = vector('V1');
  const stamp = (fields: Record<string, string>) =>
    readEventStamp(new URLSearchParams({ timestamp: v1.timestamp, nonce: v1.nonce, ...fields }));

  it.each([['msg_signature'], ['signature']])('%s alone', (name) => {
    expect(stamp({ [name]: v1.signature }).signature).toBe(v1.signature);
  });

  it('refuses both when they differ, and none', () => {
    expect(whyOf(() => stamp({ msg_signature: v1.signature, signature: 'other' }))).toBe(
      'signature_wrong',
    );
    expect(whyOf(() => stamp({}))).toBe('signature_missing');
  });

  it('takes the relays’ spelling of the time', () => {
    const { timestamp, nonce, signature } = v1;
    const query = new URLSearchParams({ signature, timeStamp: timestamp, nonce });
    expect(readEventStamp(query).timestamp).toBe(timestamp);
  });

  it('refuses to go without a time', () => {
    expect(whyOf(() => readEventStamp(queryOf({ ...v1, timestamp: '' })))).toBe(
      'signature_missing',
    );
  });
});

describe('E95 the key', () => {
  it.each([[42], [44]])('refuses %i characters', (length) => {
    expect(() => new EventCipher(new Secret('a'.repeat(length)))).toThrow(RangeError);
  });

  it('takes a 43rd character with spare bits', () => {
    const spare = new EventCipher(new Secret(`${'a'.repeat(42)}b`));
    expect(spare.open(new EventCipher(new Secret('a'.repeat(43))).seal('x', 'y')).owner).toBe('y');
  });
});

it('E103 opens with the pair that signed, of several', () => {
  const old = keysOf(vector('V1'));
  const fresh = { token: new Secret('freshToken'), aesKey: new Secret('z'.repeat(43)) };
  const { timestamp, nonce, signature, encrypt } = vector('V1');
  const stamp = { timestamp, nonce, signature };
  expect(openEvent(JSON.stringify({ encrypt }), stamp, [fresh, old]).keys).toBe(old);
  expect(whyOf(() => openEvent(JSON.stringify({ encrypt }), stamp, [fresh]))).toBe(
    'signature_wrong',
  );
});

it.each([
  ['no JSON', '{"encrypt":'],
  ['null', 'null'],
  ['a list', '[]'],
  ['no text', '{"encrypt":7}'],
])('refuses a body that is %s', (_name, body) => {
  const { timestamp, nonce, signature } = vector('V1');
  const stamp = { timestamp, nonce, signature };
  expect(whyOf(() => openEvent(body, stamp, [keysOf(vector('V1'))]))).toBe('signature_wrong');
});

describe('the answer', () => {
  it('D.4 is signed and encrypted, and opens to success', () => {
    const keys = keysOf(vector('V3'));
    const answer = answerEvent({ keys, owner: 'ding1' }, 1_700_000_000_123);
    const { msg_signature: signature, timeStamp: timestamp, nonce, encrypt } = answer;
    const stamp = readEventStamp(queryOf({ ...vector('V3'), signature, timestamp, nonce }));
    expect(openEvent(JSON.stringify({ encrypt }), stamp, [keys])).toMatchObject({
      message: 'success',
      owner: 'ding1',
    });
    expect(timestamp).toBe('1700000000123');
  });

  it.each([
    [vector('V1').message, 'success'],
    [vector('P2').message, 'LPIdSnlF'],
    ['{"EventType":"check_update_suite_url"}', 'success'],
    [vector('V2').message, null],
    ['no JSON', null],
  ])('%s wants the word %s', (message, word) => {
    expect(checkWordOf(message)).toBe(word);
  });
});
