import { z } from 'zod';

import { SecretBox } from '@common/kernel';

import { Secret, secret } from './secret';

const masterKeys = z
  .string()
  .refine(
    isKeyRing,
    'must be id:base64key[,id:base64key…] with keys of 32 bytes (openssl rand -base64 32)',
  )
  .transform((value) => new Secret(value));

function isKeyRing(spec: string): boolean {
  try {
    SecretBox.parse(spec);
    return true;
  } catch {
    // The sentence above says what is wrong; the value must not be repeated.
    return false;
  }
}

/** Postgres, Redis and the master keys: what every service needs. Connection URLs carry passwords, hence `secret()`. */
export const storeEnv = z.object({
  DATABASE_URL: secret().describe('Postgres, e.g. postgres://user:password@host:5432/carillon'),
  DATABASE_DIRECT_URL: secret()
    .optional()
    .describe('Postgres without the pooler, for migrations; unset: DATABASE_URL'),
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .positive()
    .default(10)
    .describe('Connections to Postgres per process'),
  REDIS_URL: secret().describe(
    'Redis ≥ 6.2 with AOF and maxmemory-policy noeviction; redis:// or rediss://',
  ),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w-]+$/)
    .default('carillon')
    .describe('First part of every Redis key; two installations may share a server'),
  MASTER_KEYS: masterKeys.describe(
    'Keys that seal secrets at rest: id:base64key[,id:base64key…], 32 bytes each; the first one encrypts',
  ),
});
