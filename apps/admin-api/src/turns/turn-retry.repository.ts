import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

/** The statements of delivering an answer again. The caller holds the thread's lock. */
@Injectable()
export class TurnRetryRepository {
  async deliveries(tx: Tx, tenantId: string, turnId: string): Promise<number> {
    const rows = await tx.query('SELECT 1 FROM delivery WHERE tenant_id = $1 AND turn_id = $2', [
      tenantId,
      turnId,
    ]);
    return rows.length;
  }

  /** To where the latest delivery of the turn went. */
  async copyDelivery(tx: Tx, tenantId: string, turnId: string, id: string): Promise<void> {
    await tx.query(
      `INSERT INTO delivery (id, tenant_id, channel_id, turn_id, locale, target, reply_webhook,
          reply_webhook_expires_at)
        SELECT $3, tenant_id, channel_id, turn_id, locale, target, reply_webhook, reply_webhook_expires_at
        FROM delivery WHERE tenant_id = $1 AND turn_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1`,
      [tenantId, turnId, id],
    );
  }
}
