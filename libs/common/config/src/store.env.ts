import { z } from 'zod';

import { SecretBox } from '@common/kernel';

import { Secret, secret } from './secret';

const nodes = z
  .string()
  .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/u, 'must be host:port[,host:port…]')
  .transform((list) =>
    list.split(',').map((node) => {
      const at = node.lastIndexOf(':');
      return { host: node.slice(0, at), port: Number(node.slice(at + 1)) };
    }),
  );

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

/** The address of a store. The sentence must not repeat it: it has a password. */
const address = (...schemes: string[]) =>
  z
    .string()
    .refine(
      (text) => schemes.some((scheme) => text.startsWith(`${scheme}://`) && URL.canParse(text)),
      `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    )
    .transform((text) => new Secret(text));
const postgresAddress = () => address('postgres', 'postgresql');

/** Postgres, Redis and the master keys: what every service needs. */
export const storeEnv = z.object({
  DATABASE_URL: postgresAddress().describe(
    'Postgres, e.g. postgres://user:password@host:5432/carillon',
  ),
  DATABASE_DIRECT_URL: postgresAddress()
    .optional()
    .describe('Postgres without the pooler, for migrations; unset: DATABASE_URL'),
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .positive()
    .default(10)
    .describe('Connections to Postgres per process'),
  DATABASE_PREPARE: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      'Keep hot statements prepared on their connections; off behind PgBouncer before 1.21 in transaction mode',
    ),
  REDIS_URL: address('redis', 'rediss').describe(
    'Redis ≥ 6.2 with AOF and maxmemory-policy noeviction; redis:// or rediss://',
  ),
  REDIS_SENTINELS: nodes
    .optional()
    .describe(
      'Sentinels, host:port[,host:port…]: they say which server is the master; REDIS_URL then gives user, password and TLS alone',
    ),
  REDIS_SENTINEL_NAME: z
    .string()
    .min(1)
    .default('mymaster')
    .describe('How the sentinels call the master'),
  REDIS_SENTINEL_PASSWORD: secret()
    .optional()
    .describe('Password of the sentinels, if they want one'),
  REDIS_CLUSTER_NODES: nodes
    .optional()
    .describe(
      'Some nodes of a Redis Cluster, host:port[,host:port…]; REDIS_URL then gives user, password and TLS alone',
    ),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w-]+$/)
    .default('carillon')
    .describe('First part of every Redis key; two installations may share a server'),
  MASTER_KEYS: masterKeys.describe(
    'Keys that seal secrets at rest: id:base64key[,id:base64key…], 32 bytes each; the first that every process has encrypts',
  ),
});
