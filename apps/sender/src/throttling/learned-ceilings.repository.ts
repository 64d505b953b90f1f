import { Injectable } from '@nestjs/common';

import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

import type { Bucket } from './send-budget.port';

/** A ceiling in calls per second, 0 for none, and how long ago it was learned. */
export interface LearnedCeiling {
  readonly ceiling: number;
  readonly ageMs: number;
}

const NONE: LearnedCeiling = { ceiling: 0, ageMs: 0 };
/** Stands for all paths of the app. */
const ALL_PATHS = '*';

/** What was learned about the platform's limits, for the day when Redis does not know it (P5). */
@Injectable()
export class LearnedCeilings {
  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  /** Postgres away: nothing is known. */
  async of({ tenantId, channelId, path }: Bucket): Promise<{
    readonly path: LearnedCeiling;
    readonly app: LearnedCeiling;
  }> {
    try {
      const rows = await this.database.inTenantOnce<{ path: string; ceiling: string; age: string }>(
        tenantId,
        { name: 'ceiling.read', text: READ },
        [tenantId, channelId, [path, ALL_PATHS]],
      );
      const of = (name: string): LearnedCeiling => {
        const row = rows.find((one) => one.path === name);
        return row ? { ceiling: Number(row.ceiling), ageMs: Number(row.age) } : NONE;
      };
      return { path: of(path), app: of(ALL_PATHS) };
    } catch (error) {
      this.logger.debug('learned ceilings not read', { error });
      return { path: NONE, app: NONE };
    }
  }

  async remember(
    { tenantId, channelId, path }: Bucket,
    which: 'path' | 'app',
    ceiling: number,
  ): Promise<void> {
    try {
      await this.database.inTenantOnce(tenantId, { name: 'ceiling.write', text: WRITE }, [
        tenantId,
        channelId,
        which === 'path' ? path : ALL_PATHS,
        ceiling,
      ]);
    } catch (error) {
      // Redis has it; it is learned again should Redis lose it.
      this.logger.warn('learned ceiling not kept', { channelId, error });
    }
  }
}

/** After an hour a ceiling has recovered whatever it was. */
const READ = `
SELECT path, ceiling, extract(epoch FROM now() - learned_at) * 1000 AS age FROM send_ceiling
 WHERE tenant_id = $1 AND channel_id = $2 AND path = ANY($3) AND learned_at > now() - interval '1 hour'`;

const WRITE = `
INSERT INTO send_ceiling (tenant_id, channel_id, path, ceiling) VALUES ($1, $2, $3, $4)
ON CONFLICT (channel_id, path) DO UPDATE SET ceiling = EXCLUDED.ceiling, learned_at = now()`;
