import { Injectable } from '@nestjs/common';

import type { Locale } from '@common/domain';
import type { Tx } from '@common/persistence';

import type { EventEnd, LooseEvent } from './loose-event';

interface EventRow {
  id: string;
  kind: LooseEvent['kind'];
  content: unknown;
  received_at: Date;
  channel_id: string;
  name: string;
  client_id: string;
  robot_code: string | null;
  enabled: boolean;
  locale: Locale;
}

/** The rows of events without a thread; the row lock of the event itself is what makes each happen once. */
@Injectable()
export class LooseEventRepository {
  /** Locks the event for the rest of the transaction. Null when it was processed, or somebody else is at it. */
  async take(tx: Tx, tenantId: string, eventId: string): Promise<LooseEvent | null> {
    const [row] = await tx.query<EventRow>({ name: 'loose.take', text: TAKE }, [tenantId, eventId]);
    if (!row) return null;
    const { id, kind, content, received_at: receivedAt } = row;
    const channel = {
      id: row.channel_id,
      name: row.name,
      clientId: row.client_id,
      robotCode: row.robot_code,
      enabled: row.enabled,
      locale: row.locale,
    };
    // The gateway wrote the content that goes with the kind.
    return { id, tenantId, receivedAt, channel, kind, content } as LooseEvent;
  }

  async close(tx: Tx, tenantId: string, eventId: string, end: EventEnd): Promise<void> {
    await tx.query(
      `UPDATE inbound_event SET state = 'processed', processed_at = now(), cause = $3, turn_id = $4
        WHERE tenant_id = $1 AND id = $2 AND state = 'pending'`,
      [tenantId, eventId, end.cause, end.turnId ?? null],
    );
  }

  /** Counts a failure; after `limit` the event is set aside, so that it does not come back for ever (P10). */
  async blame(
    tx: Tx,
    tenantId: string,
    eventId: string,
    cause: string,
    limit: number,
  ): Promise<void> {
    await tx.query(
      `UPDATE inbound_event SET failures = failures + 1, cause = $3,
              state = CASE WHEN failures + 1 >= $4 THEN 'quarantined' ELSE state END
        WHERE tenant_id = $1 AND id = $2 AND state = 'pending'`,
      [tenantId, eventId, cause, limit],
    );
  }
}

const TAKE = `
SELECT e.id, e.kind, e.content, e.received_at, c.id AS channel_id, c.name, c.client_id, c.robot_code,
       c.enabled AND c.deleted_at IS NULL AS enabled, c.locale
  FROM inbound_event e JOIN channel c ON c.tenant_id = e.tenant_id AND c.id = e.channel_id
 WHERE e.tenant_id = $1 AND e.id = $2 AND e.state = 'pending' AND e.thread_id IS NULL AND e.kind <> 'message'
   FOR UPDATE OF e SKIP LOCKED`;
