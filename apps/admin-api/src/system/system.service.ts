import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { SCHEMA_VERSION } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { iso } from '../http/wire';
import { softwareVersion } from './software-version';
import type { SystemInfo } from './system.dto';
import { type ProcessRow, SystemRepository } from './system.repository';

type RedisInfo = SystemInfo['redis'];

const REDIS_AWAY: RedisInfo = {
  ok: false,
  version: null,
  latencyMs: null,
  appendOnly: null,
  maxmemoryPolicy: null,
};

/** What runs here: versions, stores, processes. */
@Injectable()
export class SystemService {
  private readonly version = softwareVersion();

  constructor(
    private readonly rows: SystemRepository,
    @Inject(SHARED_REDIS) private readonly redis: Redis,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async info({ isPlatform }: Caller): Promise<SystemInfo> {
    const askedAtMs = this.clock.now();
    const facts = await this.rows.facts();
    const latencyMs = this.clock.now() - askedAtMs;
    const [processes, redis] = await Promise.all([this.rows.processes(), this.redisInfo()]);
    return {
      version: this.version,
      node: process.version,
      now: iso(new Date(this.clock.now())),
      schema: {
        version: facts.schemaVersion,
        needed: SCHEMA_VERSION,
        compatibleFrom: facts.compatibleFrom,
      },
      postgres: { ok: true, version: facts.version, now: iso(facts.now), latencyMs },
      redis,
      processes: processes.map((row) => viewOfProcess(row, isPlatform)),
    };
  }

  /** Redis may be away: then that is what there is to say. */
  private async redisInfo(): Promise<RedisInfo> {
    const askedAtMs = this.clock.now();
    try {
      const text = await this.redis.info();
      const of = (name: string): string | null =>
        new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? null;
      const appendOnly = of('aof_enabled');
      return {
        ok: true,
        version: of('redis_version'),
        latencyMs: this.clock.now() - askedAtMs,
        appendOnly: appendOnly === null ? null : appendOnly === '1',
        maxmemoryPolicy: of('maxmemory_policy'),
      };
    } catch (error) {
      this.logger.debug('redis gave no information', { error });
      return REDIS_AWAY;
    }
  }
}

const viewOfProcess = (
  { host, pid, startedAt, seenAt, ...row }: ProcessRow,
  isPlatform: boolean,
): SystemInfo['processes'][number] => ({
  ...row,
  host: isPlatform ? host : null,
  pid: isPlatform ? pid : null,
  startedAt: iso(startedAt),
  seenAt: iso(seenAt),
});
