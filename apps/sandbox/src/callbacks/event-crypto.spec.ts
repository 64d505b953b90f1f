import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardSign, isAnswer, openText, sealText, signatureOf } from './event-crypto';

interface Vector {
  token: string;
  aesKey: string;
  owner: string;
  timestamp: string;
  nonce: string;
  encrypt: string;
  signature: string;
  random: string;
  message: string;
}
const file = join(__dirname, '../../../../tests/fixtures/dingtalk/callback-vectors.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Vector>;
const vector = (name: string): Vector => {
  const found = vectors[name];
  if (!found) throw new Error(`no vector ${name}`);
  return found;
};

it.each(['V1', 'V2', 'V3', 'V4', 'V5'])('makes %s byte by byte (E90)', (name) => {
  const { encrypt, signature, ...given } = vector(name);
  expect(sealText(given, given)).toEqual({ encrypt, signature });
});

it.each(['V1', 'V2', 'V3', 'V4', 'V5', 'P1', 'P2', 'P3'])('opens %s', (name) => {
  const { token, timestamp, nonce, encrypt, signature, message, owner } = vector(name);
  expect(openText(vector(name), encrypt)).toEqual({ message, owner });
  expect(signatureOf(token, timestamp, nonce, encrypt)).toBe(signature);
});

it('refuses V6, which claims more than it has (E91)', () => {
  expect(() => openText(vector('V6'), vector('V6').encrypt)).toThrow('900009');
});

it('signs card actions as F.4 does', () => {
  const { timestamp, signature } = vector('card');
  expect(cardSign(timestamp, 'cardApiSecret01')).toBe(signature);
});

it('takes nothing for an answer but the encrypted, signed word', () => {
  const v3 = vector('V3');
  const { encrypt, nonce, timestamp, signature } = v3;
  const good = { msg_signature: signature, timeStamp: timestamp, nonce, encrypt };
  expect(isAnswer(v3, good, 'success')).toBe(true);
  expect(isAnswer(v3, { ...good, timeStamp: undefined, timestamp }, 'success')).toBe(true);
  for (const bad of ['success', null, {}, { ...good, nonce: 'x' }, { ...good, encrypt: 'AAAA' }])
    expect(isAnswer(v3, bad, 'success')).toBe(false);
  expect(isAnswer(v3, good, 'other')).toBe(false);
});
