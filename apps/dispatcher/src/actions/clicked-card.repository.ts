import { Injectable } from '@nestjs/common';

import type { BusyPolicy, TurnState } from '@common/domain';
import type { DeliveryTarget, Tx } from '@common/persistence';

import type { Claim } from '../asking/access-gate';
import { settingsOf } from '../asking/channel-settings';

export interface ClickedCard {
  readonly threadId: string;
  readonly targetStaffId: string | null;
}
export interface ClickedTurn {
  readonly id: string;
  readonly threadId: string;
  readonly sessionId: string;
  readonly memberId: string;
  readonly agentVersionId: string | null;
  readonly state: TurnState;
  readonly attempt: number;
}
interface TurnRow {
  id: string;
  thread_id: string;
  session_id: string;
  member_id: string;
  agent_version_id: string | null;
  state: TurnState;
  attempt: number;
}

/** Cards of turns, and people who click. */
@Injectable()
export class ClickedCardRepository {
  /** The card of one channel; a plain reply has no turn and is none. */
  async card(
    tx: Tx,
    tenantId: string,
    channelId: string,
    deliveryId: string,
  ): Promise<ClickedCard | null> {
    const [row] = await tx.query<{ thread_id: string; staff_id: string | null }>(
      `SELECT t.thread_id, d.target ->> 'staffId' AS staff_id
         FROM delivery d JOIN turn t ON t.tenant_id = d.tenant_id AND t.id = d.turn_id
        WHERE d.tenant_id = $1 AND d.channel_id = $2 AND d.id = $3`,
      [tenantId, channelId, deliveryId],
    );
    return row ? { threadId: row.thread_id, targetStaffId: row.staff_id } : null;
  }

  /** Locks the thread, then reads the turn: a statement of its own sees what the lock waited for. */
  async lockTurn(
    tx: Tx,
    tenantId: string,
    threadId: string,
    deliveryId: string,
  ): Promise<ClickedTurn | null> {
    await tx.query('SELECT 1 FROM thread WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
      tenantId,
      threadId,
    ]);
    const [row] = await tx.query<TurnRow>(
      `SELECT t.id, t.thread_id, t.session_id, t.member_id, t.agent_version_id, t.state, t.attempt
         FROM turn t JOIN delivery d ON d.turn_id = t.id
        WHERE d.tenant_id = $1 AND d.id = $2`,
      [tenantId, deliveryId],
    );
    if (!row) return null;
    const { id, state, attempt } = row;
    return {
      ...{ id, state, attempt },
      threadId: row.thread_id,
      sessionId: row.session_id,
      memberId: row.member_id,
      agentVersionId: row.agent_version_id,
    };
  }

  /** Where the card hangs, and the rules of its channel as they are now. */
  async claim(tx: Tx, tenantId: string, deliveryId: string): Promise<Claim | null> {
    const [row] = await tx.query<{
      target: DeliveryTarget;
      enabled: boolean;
      busy: BusyPolicy;
      access: unknown;
      service: unknown;
    }>(
      `SELECT d.target, c.enabled AND c.deleted_at IS NULL AS enabled, c.busy, c.access, c.service
         FROM delivery d JOIN channel c ON c.tenant_id = d.tenant_id AND c.id = d.channel_id
        WHERE d.tenant_id = $1 AND d.id = $2`,
      [tenantId, deliveryId],
    );
    if (!row) return null;
    const { kind, conversationId: id, staffId } = row.target;
    return {
      receivedAt: new Date(),
      channel: { ...settingsOf(row), enabled: row.enabled, busy: row.busy },
      message: { conversation: { id, kind }, sender: { staffId, unionId: null } },
    };
  }

  /** The member behind a staff id; its realm is the organisation, or the bot where messages did not name one. */
  async person(
    tx: Tx,
    tenantId: string,
    realms: readonly string[],
    staffId: string,
  ): Promise<{ memberId: string; isAdmin: boolean } | null> {
    const [row] = await tx.query<{ id: string; role: string }>(
      `SELECT m.id, m.role FROM identity i JOIN member m ON m.tenant_id = i.tenant_id AND m.id = i.member_id
        WHERE i.tenant_id = $1 AND i.kind = 'staff' AND i.realm = ANY($2) AND i.value = $3`,
      [tenantId, realms, staffId],
    );
    return row ? { memberId: row.id, isAdmin: row.role === 'admin' } : null;
  }
}
