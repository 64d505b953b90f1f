import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

/** A question that waits behind others of its thread, and whose asker sees nothing yet. */
export interface QueuedDelivery {
  readonly tenantId: string;
  readonly id: string;
  /** How many are before it: 1 is next. */
  readonly place: number;
}

interface Row extends Record<string, unknown> {
  tenant_id: string;
  id: string;
  place: number;
}

@Injectable()
export class QueuedDeliveryRepository {
  constructor(private readonly database: Database) {}

  /** Those that have waited so long and were not told yet. */
  async waiting(limit: number): Promise<QueuedDelivery[]> {
    const rows = await this.database.acrossTenantsOnce<Row>(
      'reaper',
      { name: 'queued.waiting', text: WAITING },
      [limit],
    );
    return rows.map(({ tenant_id, id, place }) => ({ tenantId: tenant_id, id, place }));
  }

  /** Whether the turn's time has come meanwhile: then its delivery has to be woken. */
  async isStillQueued(tenantId: string, deliveryId: string): Promise<boolean> {
    const rows = await this.database.inTenantOnce(
      tenantId,
      `SELECT 1 FROM delivery d JOIN turn t ON t.id = d.turn_id
        WHERE d.tenant_id = $1 AND d.id = $2 AND t.state = 'queued'`,
      [tenantId, deliveryId],
    );
    return rows.length === 1;
  }
}

/** Open turns are few; `turn_open` finds them. */
const WAITING = `
SELECT d.tenant_id, d.id,
       (SELECT count(*)::int FROM turn o WHERE o.thread_id = t.thread_id AND o.seq < t.seq
           AND o.state IN ('queued', 'active', 'waiting', 'generated')) AS place
  FROM turn t
  JOIN delivery d ON d.turn_id = t.id AND d.state = 'open' AND d.card_state IS NULL AND d.owner IS NULL
 WHERE t.state = 'queued' AND t.created_at < now() - interval '3 seconds' AND d.attempt = 0
 ORDER BY t.created_at LIMIT $1`;
