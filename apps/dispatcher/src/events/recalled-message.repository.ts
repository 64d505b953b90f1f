import { Injectable } from '@nestjs/common';

import type { TurnState } from '@common/domain';
import type { Tx } from '@common/persistence';

export interface RecalledRow {
  readonly id: string;
  readonly state: 'pending' | 'processed' | 'quarantined';
  readonly turn: {
    readonly id: string;
    readonly state: TurnState;
    /** How many messages are in it. */
    readonly messages: number;
  } | null;
}

/** Messages that somebody takes back. */
@Injectable()
export class RecalledMessageRepository {
  /** The message by the platform's name of it, under the lock of its thread and its own. */
  async lock(
    tx: Tx,
    tenantId: string,
    channelId: string,
    platformMessageIds: readonly string[],
  ): Promise<RecalledRow | null> {
    const [found] = await tx.query<{ id: string; thread_id: string | null }>(
      `SELECT id, thread_id FROM inbound_event
        WHERE tenant_id = $1 AND channel_id = $2 AND platform_message_id = ANY($3) LIMIT 1`,
      [tenantId, channelId, platformMessageIds],
    );
    if (!found) return null;
    await tx.query('SELECT 1 FROM thread WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
      tenantId,
      found.thread_id,
    ]);
    const [row] = await tx.query<{
      id: string;
      state: RecalledRow['state'];
      turn_id: string | null;
      turn_state: TurnState;
      messages: number;
    }>(MESSAGE, [tenantId, found.id]);
    if (!row) return null;
    const { id, state, turn_id: turnId, turn_state: turnState, messages } = row;
    return { id, state, turn: turnId && { id: turnId, state: turnState, messages } } as RecalledRow;
  }

  /** The message is never asked. */
  async takeBack(tx: Tx, tenantId: string, eventId: string): Promise<void> {
    await tx.query(
      `UPDATE inbound_event SET state = 'processed', processed_at = now(), cause = 'recalled'
        WHERE tenant_id = $1 AND id = $2 AND state = 'pending'`,
      [tenantId, eventId],
    );
  }
}

const MESSAGE = `
SELECT e.id, e.state, e.turn_id, t.state AS turn_state,
       (SELECT count(*)::int FROM inbound_event o
         WHERE o.turn_id = e.turn_id AND o.kind = 'message' AND o.tenant_id = $1) AS messages
  FROM inbound_event e LEFT JOIN turn t ON t.tenant_id = e.tenant_id AND t.id = e.turn_id
 WHERE e.tenant_id = $1 AND e.id = $2 FOR UPDATE OF e`;
