import { Injectable } from '@nestjs/common';

import type { TurnState } from '@common/domain';
import type { Tx } from '@common/persistence';

export interface OpenTurn {
  readonly id: string;
  readonly memberId: string;
  readonly sessionId: string;
  readonly state: TurnState;
}
export interface LatestTurn {
  readonly id: string;
  readonly agentVersionId: string | null;
  readonly isEnded: boolean;
}

interface OpenRow {
  id: string;
  member_id: string;
  session_id: string;
  state: TurnState;
}

/** Turns of a thread whose lock the caller holds. */
@Injectable()
export class OpenTurnsRepository {
  /** Those without an end, oldest first. @param memberId null: of everybody */
  async ofThread(
    tx: Tx,
    tenantId: string,
    threadId: string,
    memberId: string | null,
  ): Promise<OpenTurn[]> {
    const rows = await tx.query<OpenRow>({ name: 'turns.open', text: OPEN }, [
      ...[tenantId, threadId, memberId],
    ]);
    return rows.map(({ id, member_id, session_id, state }) => ({
      ...{ id, state, memberId: member_id, sessionId: session_id },
    }));
  }

  /** What this person asked here last. */
  async latest(
    tx: Tx,
    tenantId: string,
    threadId: string,
    memberId: string,
  ): Promise<LatestTurn | null> {
    const [row] = await tx.query<{
      id: string;
      agent_version_id: string | null;
      is_ended: boolean;
    }>(
      `SELECT id, agent_version_id, ended_at IS NOT NULL AS is_ended FROM turn
        WHERE tenant_id = $1 AND thread_id = $2 AND member_id = $3 ORDER BY seq DESC LIMIT 1`,
      [tenantId, threadId, memberId],
    );
    return row ? { id: row.id, agentVersionId: row.agent_version_id, isEnded: row.is_ended } : null;
  }
}

const OPEN = `
SELECT id, member_id, session_id, state FROM turn
 WHERE tenant_id = $1 AND thread_id = $2 AND state IN ('queued', 'active', 'waiting', 'generated')
   AND ($3::uuid IS NULL OR member_id = $3)
 ORDER BY seq`;
