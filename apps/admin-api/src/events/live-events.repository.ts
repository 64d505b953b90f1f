import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

export interface LiveEventRow {
  /** bigint: the driver hands it out as text. */
  id: string;
  tenant_id: string | null;
  type: 'channel' | 'turn' | 'queue' | 'gap';
  channel_id: string | null;
  data: unknown;
}

/** Where the log begins and ends, and the last place at which nobody was watching. */
export interface LogEnds {
  readonly first: bigint;
  readonly last: bigint;
  readonly gap: bigint;
}

/** The log of what happened, as everybody who listens reads it. */
@Injectable()
export class LiveEventsRepository {
  constructor(private readonly database: Database) {}

  /** Of all tenants: one read serves every listener of this process. */
  after(id: bigint, limit: number): Promise<LiveEventRow[]> {
    return this.database.acrossTenantsOnce<LiveEventRow & Record<string, unknown>>(
      'reconcile',
      {
        name: 'live.after',
        text: `SELECT id, tenant_id, type, channel_id, data FROM live_event WHERE id > $1 ORDER BY id LIMIT $2`,
      },
      [String(id), limit],
    );
  }

  /** What one listener missed; queues are everybody's. */
  missed(tenantId: string, after: bigint, upTo: bigint, limit: number): Promise<LiveEventRow[]> {
    return this.database.acrossTenantsOnce<LiveEventRow & Record<string, unknown>>(
      'reconcile',
      {
        name: 'live.missed',
        text: `SELECT id, tenant_id, type, channel_id, data FROM live_event
          WHERE id > $1 AND id <= $2 AND (tenant_id = $3 OR tenant_id IS NULL) ORDER BY id LIMIT $4`,
      },
      [String(after), String(upTo), tenantId, limit],
    );
  }

  async ends(): Promise<LogEnds> {
    const [row] = await this.database.acrossTenantsOnce<Record<keyof LogEnds, string>>(
      'reconcile',
      {
        name: 'live.ends',
        text: `SELECT COALESCE((SELECT min(id) FROM live_event), 0) AS first,
            COALESCE((SELECT max(id) FROM live_event), 0) AS last,
            COALESCE((SELECT max(id) FROM live_event WHERE type = 'gap'), 0) AS gap`,
      },
    );
    return {
      first: BigInt(row?.first ?? 0),
      last: BigInt(row?.last ?? 0),
      gap: BigInt(row?.gap ?? 0),
    };
  }
}
