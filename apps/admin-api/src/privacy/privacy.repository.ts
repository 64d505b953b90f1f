import { Injectable } from '@nestjs/common';

import { askTurnToStop, Database, endQueuedTurn, type Tx } from '@common/persistence';

import type { ChannelPrivacy } from './privacy.dto';

export interface ChannelPrivacyRow {
  retention_days: number | null;
  legal_hold: boolean;
}
export interface MemberPrivacyRow {
  legal_hold: boolean;
  erase_requested_at: Date | null;
  erased_at: Date | null;
}

const CHANNEL = 'SELECT retention_days, legal_hold FROM channel WHERE tenant_id = $1 AND id = $2';
const MEMBER = `SELECT legal_hold, erase_requested_at, erased_at FROM member WHERE tenant_id = $1 AND id = $2`;

@Injectable()
export class PrivacyRepository {
  constructor(private readonly database: Database) {}

  async channel(tenantId: string, id: string, tx?: Tx): Promise<ChannelPrivacyRow | undefined> {
    const rows = tx
      ? await tx.query<ChannelPrivacyRow & Record<string, unknown>>(
          `${CHANNEL} FOR NO KEY UPDATE`,
          [tenantId, id],
        )
      : await this.database.inTenantOnce<ChannelPrivacyRow & Record<string, unknown>>(
          ...([tenantId, CHANNEL, [tenantId, id]] as const),
        );
    return rows[0];
  }

  async setChannel(tx: Tx, tenantId: string, id: string, to: ChannelPrivacy): Promise<void> {
    await tx.query(
      'UPDATE channel SET retention_days = $3, legal_hold = $4 WHERE tenant_id = $1 AND id = $2',
      [tenantId, id, to.retentionDays, to.legalHold],
    );
  }

  async member(tenantId: string, id: string, tx?: Tx): Promise<MemberPrivacyRow | undefined> {
    const rows = tx
      ? await tx.query<MemberPrivacyRow & Record<string, unknown>>(`${MEMBER} FOR NO KEY UPDATE`, [
          tenantId,
          id,
        ])
      : await this.database.inTenantOnce<MemberPrivacyRow & Record<string, unknown>>(
          ...([tenantId, MEMBER, [tenantId, id]] as const),
        );
    return rows[0];
  }

  async setMemberHold(tx: Tx, tenantId: string, id: string, isHeld: boolean): Promise<void> {
    await tx.query('UPDATE member SET legal_hold = $3 WHERE tenant_id = $1 AND id = $2', [
      ...[tenantId, id, isHeld],
    ]);
  }

  /** Whether the person wrote in a channel that is held. */
  async isHeldByChannel(tx: Tx, tenantId: string, memberId: string): Promise<boolean> {
    const rows = await tx.query(HELD('$1', '$2'), [tenantId, memberId]);
    return rows.length > 0;
  }

  async requestErasure(tx: Tx, tenantId: string, memberId: string): Promise<void> {
    await tx.query(
      'UPDATE member SET erase_requested_at = now(), erased_at = NULL WHERE tenant_id = $1 AND id = $2',
      [tenantId, memberId],
    );
  }

  /** Stops what is under way of the person. @returns the turns that are not at their end yet */
  stopTurns(tenantId: string, memberId: string): Promise<string[]> {
    return this.database.inTenant(tenantId, async (tx) => {
      const open = await tx.query<{ id: string; state: string }>(OPEN, [tenantId, memberId]);
      for (const { id, state } of open)
        if (state === 'queued') await endQueuedTurn(tx, tenantId, id, 'admin');
        else await askTurnToStop(tx, tenantId, id, 'admin');
      return open.filter(({ state }) => state !== 'queued').map(({ id }) => id);
    });
  }

  /** Members that are being erased and not held, and those that were within the last minutes: what came late is found then. */
  async beingErased(): Promise<{ tenantId: string; memberId: string }[]> {
    return this.database.acrossTenantsOnce('reaper', {
      name: 'privacy.being-erased',
      text: `SELECT m.tenant_id AS "tenantId", m.id AS "memberId" FROM member m
        WHERE m.erase_requested_at IS NOT NULL AND (m.erased_at IS NULL OR m.erased_at > now() - interval '5 minutes')
          AND NOT m.legal_hold AND NOT EXISTS (${HELD('m.tenant_id', 'm.id')}) LIMIT 100`,
    });
  }

  /** Channels that do not keep words for ever. */
  async forgetful(): Promise<{ tenantId: string; channelId: string }[]> {
    return this.database.acrossTenantsOnce('reaper', {
      name: 'privacy.forgetful',
      text: `SELECT tenant_id AS "tenantId", id AS "channelId" FROM channel WHERE retention_days IS NOT NULL AND NOT legal_hold`,
    });
  }

  inTenant<T>(tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.inTenant(tenantId, work);
  }

  /** Kept answers to `Idempotency-Key` are good for a day, and may hold what was erased meanwhile. */
  async forgetAnswers(): Promise<void> {
    await this.database.platformOnce(
      `DELETE FROM idempotency_key WHERE created_at < now() - interval '1 day'`,
    );
  }
}

const HELD = (tenant: string, member: string): string => `
SELECT 1 FROM channel c WHERE c.tenant_id = ${tenant} AND c.legal_hold AND (
    EXISTS (SELECT 1 FROM turn t WHERE t.channel_id = c.id AND t.member_id = ${member})
    OR EXISTS (SELECT 1 FROM thread t WHERE t.channel_id = c.id AND t.member_id = ${member})) LIMIT 1`;

// Their threads stay locked, as everybody does who ends turns.
const OPEN = `
WITH locked AS (
  SELECT th.id FROM thread th WHERE th.tenant_id = $1 AND th.id IN (
    SELECT t.thread_id FROM turn t WHERE t.tenant_id = $1 AND t.member_id = $2 AND t.ended_at IS NULL)
  ORDER BY th.id FOR UPDATE)
SELECT t.id, t.state FROM turn t JOIN locked l ON l.id = t.thread_id
 WHERE t.tenant_id = $1 AND t.member_id = $2 AND t.ended_at IS NULL`;
