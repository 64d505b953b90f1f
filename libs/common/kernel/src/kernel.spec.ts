import { randomBytes } from 'node:crypto';

import { derivedId, isUuid, newId } from './ids';
import { fullJitterMs } from './full-jitter';
import { SecretBox, UnknownMasterKeyError } from './secret-box';
import { storableJson, storableText } from './storable-text';

const aKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

describe('derivedId', () => {
  it('gives the same id for the same parts and another for others', () => {
    expect(derivedId('a', 'b')).toBe(derivedId('a', 'b'));
    expect(derivedId('a', 'b')).not.toBe(derivedId('ab'));
    expect(derivedId('a', 'b')).not.toBe(derivedId('b', 'a'));
  });

  it('gives valid UUIDs of version 5 and 7', () => {
    expect(derivedId('x')).toMatch(/^.{14}5.{4}[89ab]/);
    expect(newId()).toMatch(/^.{14}7.{4}[89ab]/);
    expect(isUuid(newId())).toBe(true);
  });

  it('orders new ids by time', () => {
    expect(newId(1_000) < newId(2_000)).toBe(true);
  });
});

describe('storableText', () => {
  it('drops NUL and replaces lone surrogates, and leaves emoji whole', () => {
    expect(storableText('a\0b\ud83d👍')).toBe('ab\ufffd👍');
    expect(storableJson({ 'k\0': ['\udc00', 1, null] })).toEqual({ k: ['\ufffd', 1, null] });
  });
});

describe('SecretBox', () => {
  it('seals no two texts with one nonce', () => {
    const box = SecretBox.parse(aKey('k1'));
    const nonces = Array.from({ length: 600 }, () => box.seal('x').toString('hex', 3, 15));
    expect(new Set(nonces).size).toBe(600);
  });

  it('opens what it sealed, and never seals twice alike', () => {
    const box = SecretBox.parse(aKey('k1'));
    expect(box.openText(box.seal('geheim'))).toBe('geheim');
    expect(box.seal('geheim').equals(box.seal('geheim'))).toBe(false);
  });

  it('opens with an old key after rotation, and names a key that is gone', () => {
    const old = aKey('k1');
    const sealed = SecretBox.parse(old).seal('x');
    expect(SecretBox.parse(`${aKey('k2')},${old}`).openText(sealed)).toBe('x');
    expect(() => SecretBox.parse(aKey('k2')).open(sealed)).toThrow(UnknownMasterKeyError);
  });

  it('refuses a changed ciphertext and a short key', () => {
    const box = SecretBox.parse(aKey('k1'));
    const sealed = box.seal('x');
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    expect(() => box.open(sealed)).toThrow();
    expect(() => SecretBox.parse('k1:c2hvcnQ=')).toThrow(/32 bytes/);
  });
});

describe('fullJitterMs', () => {
  it('grows to the cap and starts anywhere from zero', () => {
    expect(fullJitterMs(0, { random: () => 1 })).toBe(1_000);
    expect(fullJitterMs(20, { random: () => 1 })).toBe(60_000);
    expect(fullJitterMs(3, { random: () => 0 })).toBe(0);
  });
});
