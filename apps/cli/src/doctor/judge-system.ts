import type { components } from '@carillon/client';

import { type Check, ill, well } from './check';

type SystemInfo = components['schemas']['SystemInfo'];
type Queue = components['schemas']['Queue'];
type MasterKeys = components['schemas']['MasterKeys'];

/** Signatures of callbacks and leases want clocks that agree better than this. */
const MAX_SKEW_MS = 2_000;
const SERVICES = ['admin-api', 'dispatcher', 'gateway', 'generator', 'sender'];

/** @param localMs when the answer arrived, by the clock of this machine */
export function judgeSystem(info: SystemInfo, localMs: number): Check[] {
  return [
    judgeSchema(info),
    well('postgres', `PostgreSQL ${info.postgres.version}, ${info.postgres.latencyMs} ms`),
    ...judgeRedis(info),
    judgeClocks(info, localMs),
    ...SERVICES.map((service) => judgeService(info, service)),
  ];
}

function judgeSchema({ schema }: SystemInfo): Check {
  const is = `version ${schema.version}`;
  return schema.version === schema.needed
    ? well('schema', is)
    : ill(
        'schema',
        'schema_differs',
        `${is}, the API is made for ${schema.needed}.`,
        'Bring admin-api and schema to the same release: npm run db:migrate.',
      );
}

function judgeRedis({ redis }: SystemInfo): Check[] {
  if (!redis.ok)
    return [
      ill('redis', 'redis_away', 'Redis cannot be reached.', 'Check REDIS_URL and the server.'),
    ];
  return [
    well('redis', `Redis ${redis.version}, ${redis.latencyMs} ms`),
    redis.maxmemoryPolicy === 'noeviction'
      ? well('redis memory', 'noeviction')
      : ill(
          'redis memory',
          'redis_evicts',
          `Redis may throw jobs away (${redis.maxmemoryPolicy}).`,
          'Set maxmemory-policy noeviction.',
        ),
    redis.appendOnly === true
      ? well('redis durability', 'append-only file is on')
      : ill(
          'redis durability',
          'redis_not_durable',
          'Redis keeps nothing over a restart, so it cannot stand in for Postgres.',
          'Set appendonly yes.',
        ),
  ];
}

function judgeClocks({ now, postgres }: SystemInfo, localMs: number): Check {
  const times = [localMs, Date.parse(now), Date.parse(postgres.now)];
  const skewMs = Math.max(...times) - Math.min(...times);
  return skewMs <= MAX_SKEW_MS
    ? well('clocks', `this machine, the API and the database agree within ${skewMs} ms`)
    : ill(
        'clocks',
        'clocks_differ',
        `This machine, the API and the database are ${skewMs} ms apart.`,
        'Switch on time synchronisation everywhere.',
      );
}

function judgeService({ processes }: SystemInfo, service: string): Check {
  const live = processes.filter((one) => one.service === service && one.live).length;
  return live > 0
    ? well(service, `${live} running`)
    : ill(service, 'no_process', `No ${service} is running.`, `Start a ${service}.`);
}

export function judgeQueues(queues: readonly Queue[]): Check[] {
  return queues.map(({ name, paused, counts }) => {
    const which = `queue ${name}`;
    if (paused) return ill(which, 'paused', 'Nobody takes jobs.', `carillon queues resume ${name}`);
    if (counts.failed > 0)
      return ill(
        which,
        'failed_jobs',
        `${counts.failed} jobs failed.`,
        `carillon queues failed ${name}`,
      );
    return well(which, `${counts.waiting} waiting, ${counts.active} active`);
  });
}

/** Every key that still seals something must be there, everywhere. */
export function judgeKeys({ keys, primary, seals, resealing }: MasterKeys): Check {
  const missing = keys.filter(({ held, values }) => !held && (values ?? 0) > 0);
  if (missing.length > 0)
    return ill(
      'master keys',
      'unknown_master_key',
      `Missing: ${missing.map(({ id }) => id).join(', ')}.`,
      'Add them to MASTER_KEYS again.',
    );
  const behind = resealing.processes.filter(({ lacks }) => lacks.length > 0);
  if (behind.length > 0)
    return ill(
      'master keys',
      'master_key_not_everywhere',
      `${behind.map(({ service, pid, lacks }) => `${service} (process ${pid}) lacks ${lacks.join(', ')}`).join('; ')}.`,
      'Give them the same MASTER_KEYS as the others and restart them.',
    );
  return seals === primary
    ? well('master keys', `${seals} seals; all that are needed are there`)
    : well('master keys', `${seals} seals still; ${primary} does within seconds`);
}
