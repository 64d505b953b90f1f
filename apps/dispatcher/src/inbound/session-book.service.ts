import { Injectable } from '@nestjs/common';

import { derivedId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { LaneEvent } from './lane-event';

/** The contexts of a thread: one is current; `/new` and idle expiry start the next. History stays. */
@Injectable()
export class SessionBook {
  async current(event: LaneEvent, tx: Tx): Promise<{ readonly id: string }> {
    const { session } = event.thread;
    const idleMs = event.channel.idleMinutes * 60_000;
    const isFresh =
      session && event.receivedAt.getTime() - session.lastActivityAt.getTime() < idleMs;
    return isFresh ? session : this.startNew(event, tx);
  }

  /** The id is derived from thread and number: a second run starts the same session. */
  async startNew(event: LaneEvent, tx: Tx): Promise<{ readonly id: string }> {
    const { tenantId, threadId, thread } = event;
    const number = (await this.highestNumber(tx, threadId)) + 1;
    const id = derivedId('session', threadId, String(number));
    if (thread.session)
      await tx.query(
        `UPDATE session SET ended_at = now() WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL`,
        [tenantId, thread.session.id],
      );
    await tx.query(
      `INSERT INTO session (id, tenant_id, thread_id, number, started_at, last_activity_at)
       VALUES ($1, $2, $3, $4, $5, $5)`,
      [id, tenantId, threadId, number, event.receivedAt],
    );
    await tx.query(`UPDATE thread SET current_session_id = $3 WHERE tenant_id = $1 AND id = $2`, [
      tenantId,
      threadId,
      id,
    ]);
    return { id };
  }

  private async highestNumber(tx: Tx, threadId: string): Promise<number> {
    const [row] = await tx.query<{ number: number }>(
      `SELECT COALESCE(max(number), 0) AS number FROM session WHERE thread_id = $1`,
      [threadId],
    );
    return row?.number ?? 0;
  }
}
