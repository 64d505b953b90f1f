import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import type { LaneEvent } from '../inbound/lane-event';

export interface SessionView {
  readonly id: string;
  readonly number: number;
  /** Its name, else the beginning of its first question; null when nothing was asked. */
  readonly title: string | null;
  readonly isCurrent: boolean;
}
interface SessionRow {
  id: string;
  number: number;
  title: string | null;
  is_current: boolean;
}

const NEWEST = 10;

/** The sessions of a thread whose lock the caller holds. */
@Injectable()
export class SessionRepository {
  async highestNumber(tx: Tx, threadId: string): Promise<number> {
    const [row] = await tx.query<{ number: number }>({ name: 'session.highest', text: HIGHEST }, [
      threadId,
    ]);
    return row?.number ?? 0;
  }

  async insert(
    tx: Tx,
    { tenantId, threadId, receivedAt }: LaneEvent,
    session: { readonly id: string; readonly number: number; readonly title: string | null },
  ): Promise<void> {
    await tx.query({ name: 'session.insert', text: INSERT }, [
      ...[session.id, tenantId, threadId, session.number, receivedAt, session.title],
    ]);
  }

  /** The one before ends; the one that is current is open and fresh. */
  async makeCurrent(
    tx: Tx,
    { tenantId, threadId, receivedAt, thread }: LaneEvent,
    id: string,
  ): Promise<void> {
    await tx.query({ name: 'session.make-current', text: MAKE_CURRENT }, [
      ...[tenantId, threadId, id, thread.session?.id ?? null, receivedAt],
    ]);
  }

  async newest(tx: Tx, tenantId: string, threadId: string): Promise<SessionView[]> {
    const rows = await tx.query<SessionRow>(
      `${VIEW} WHERE s.tenant_id = $1 AND s.thread_id = $2 ORDER BY s.last_activity_at DESC, s.number DESC LIMIT ${NEWEST}`,
      [tenantId, threadId],
    );
    return rows.map(toView);
  }

  async byNumber(
    tx: Tx,
    tenantId: string,
    threadId: string,
    number: number,
  ): Promise<SessionView | null> {
    const [row] = await tx.query<SessionRow>(
      `${VIEW} WHERE s.tenant_id = $1 AND s.thread_id = $2 AND s.number = $3`,
      [tenantId, threadId, number],
    );
    return row ? toView(row) : null;
  }

  async rename(tx: Tx, tenantId: string, id: string, title: string): Promise<void> {
    await tx.query('UPDATE session SET title = $3 WHERE tenant_id = $1 AND id = $2', [
      ...[tenantId, id, title],
    ]);
  }
}

const toView = ({ id, number, title, is_current }: SessionRow): SessionView => ({
  ...{ id, number, title, isCurrent: is_current },
});

const HIGHEST = `SELECT COALESCE(max(number), 0) AS number FROM session WHERE thread_id = $1`;

const INSERT = `
INSERT INTO session (id, tenant_id, thread_id, number, started_at, last_activity_at, title)
VALUES ($1, $2, $3, $4, $5, $5, $6)`;

const MAKE_CURRENT = `
WITH left_behind AS (
  UPDATE session SET ended_at = now() WHERE tenant_id = $1 AND id = $4 AND id <> $3 AND ended_at IS NULL
), taken_up AS (
  UPDATE session SET ended_at = NULL, last_activity_at = GREATEST(last_activity_at, $5) WHERE tenant_id = $1 AND id = $3
)
UPDATE thread SET current_session_id = $3 WHERE tenant_id = $1 AND id = $2`;

const VIEW = `
SELECT s.id, s.number, th.current_session_id = s.id AS is_current,
       COALESCE(s.title, (SELECT left(m.text, 30) FROM message m WHERE m.session_id = s.id AND m.role = 'user'
                           ORDER BY m.turn_seq LIMIT 1)) AS title
  FROM session s JOIN thread th ON th.id = s.thread_id`;
