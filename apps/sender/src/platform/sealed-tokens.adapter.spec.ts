import { randomBytes } from 'node:crypto';

import type Redis from 'ioredis';

import { SecretBox } from '@common/kernel';
import { RedisKeys } from '@common/redis';
import { standIn } from '@common/testing';

import { SealedTokens } from './sealed-tokens.adapter';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [one, two] = [key('k1'), key('k2')];

/** Senders and the Redis between them. */
function senders(...keys: string[]): SealedTokens[] {
  return sendersAround(new Map(), ...keys);
}
function sendersAround(held: Map<string, Buffer>, ...keys: string[]): SealedTokens[] {
  const redis = standIn<Redis>({
    getBuffer: (name: string) => Promise.resolve(held.get(name) ?? null),
    set: (name: string, value: Buffer) => Promise.resolve(held.set(name, value) && 'OK'),
    del: (name: string) => Promise.resolve(Number(held.delete(name))),
  } as never);
  return keys.map((spec) => new SealedTokens(redis, new RedisKeys('spec'), SecretBox.parse(spec)));
}

it('a shared token of a key that a sender lacks is as good as none, and stays for those that have it', async () => {
  const [fresh, old] = senders(`${two},${one}`, one) as [SealedTokens, SealedTokens];
  const token = { token: 'secret', expiresAtMs: Date.now() + 60_000 };
  await fresh.write('ding1', token);

  expect(await old.read('ding1')).toBeNull();
  await old.drop('ding1', 'secret');
  expect(await fresh.read('ding1')).toEqual(token);

  await old.write('ding1', token);
  expect(await fresh.read('ding1')).toEqual(token);
  await fresh.drop('ding1', 'secret');
  expect(await fresh.read('ding1')).toBeNull();
});

it('P6 the token of another app is as good as none, wherever it lies', async () => {
  const held = new Map<string, Buffer>();
  const [sender] = sendersAround(held, one) as [SealedTokens];
  await sender.write('ding1', { token: 'secret', expiresAtMs: Date.now() + 60_000 });
  const names = new RedisKeys('spec');

  held.set(names.accessToken('ding2'), held.get(names.accessToken('ding1')) ?? Buffer.alloc(0));

  expect(await sender.read('ding2')).toBeNull();
});
