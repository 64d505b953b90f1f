import { Injectable } from '@nestjs/common';

import type { Locale } from '@common/domain';

import { Database, type Tx } from '@common/persistence';

import type { OverrideFields, PairingView } from './access.dto';

export interface PairingRow {
  member_id: string;
  member_name: string;
  pairing: PairingView['state'];
  pairing_asked_at: Date | null;
  pairing_decided_at: Date | null;
  cursor_at: string;
}
export interface OverrideRow {
  id: string;
  kind: OverrideFields['kind'];
  value: string;
  agent_id: string | null;
  model_id: string | null;
  created_at: Date;
  cursor_at: string;
}
interface Slice {
  readonly after: readonly string[] | null;
  readonly limit: number;
}

const PAIRING = `SELECT mc.member_id, m.name AS member_name, mc.pairing, mc.pairing_asked_at, mc.pairing_decided_at,
    COALESCE(mc.pairing_asked_at, mc.updated_at)::text AS cursor_at
  FROM member_channel mc JOIN member m ON m.tenant_id = mc.tenant_id AND m.id = mc.member_id
  WHERE mc.tenant_id = $1 AND mc.channel_id = $2 AND mc.pairing IS NOT NULL`;
const OVERRIDE = `id, kind, value, agent_id, model_id, created_at, created_at::text AS cursor_at`;

/** Who asked to be let in, and which agent answers whom. */
@Injectable()
export class AccessRepository {
  constructor(private readonly database: Database) {}

  /** Whether the tenant has this channel. */
  async hasChannel(tenantId: string, channelId: string, tx?: Tx): Promise<boolean> {
    const text = 'SELECT 1 FROM channel WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL';
    const values = [tenantId, channelId];
    const rows = tx
      ? await tx.query(text, values)
      : await this.database.inTenantOnce(tenantId, text, values);
    return rows.length === 1;
  }

  /** Longest waiting first. */
  pairings(
    tenantId: string,
    channelId: string,
    { state, after, limit }: Slice & { readonly state: string | undefined },
  ): Promise<PairingRow[]> {
    return this.database.inTenantOnce<PairingRow>(
      tenantId,
      `${PAIRING} AND ($3::text IS NULL OR mc.pairing = $3)
          AND ($4::timestamptz IS NULL
               OR (COALESCE(mc.pairing_asked_at, mc.updated_at), mc.member_id) > ($4, $5::uuid))
        ORDER BY COALESCE(mc.pairing_asked_at, mc.updated_at), mc.member_id LIMIT $6`,
      [tenantId, channelId, state ?? null, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async pairing(
    tx: Tx,
    tenantId: string,
    channelId: string,
    memberId: string,
  ): Promise<PairingRow | undefined> {
    const [row] = await tx.query<PairingRow>(
      `${PAIRING} AND mc.member_id = $3 FOR NO KEY UPDATE OF mc`,
      [...[tenantId, channelId, memberId]],
    );
    return row;
  }

  async decide(
    tx: Tx,
    tenantId: string,
    channelId: string,
    memberId: string,
    state: 'approved' | 'denied',
  ): Promise<void> {
    await tx.query(
      `UPDATE member_channel SET pairing = $4, pairing_decided_at = now(), refused_at = NULL, updated_at = now()
        WHERE tenant_id = $1 AND channel_id = $2 AND member_id = $3`,
      [tenantId, channelId, memberId, state],
    );
  }

  /** In which language the bot of this name talks with a member. */
  async talk(
    tx: Tx,
    tenantId: string,
    channelId: string,
    memberId: string,
  ): Promise<{ locale: Locale; bot: string } | undefined> {
    const [row] = await tx.query<{ locale: Locale; bot: string }>(
      `SELECT COALESCE(mc.locale, m.locale, c.locale) AS locale, c.name AS bot
         FROM member m JOIN channel c ON c.tenant_id = m.tenant_id AND c.id = $2
         LEFT JOIN member_channel mc ON mc.member_id = m.id AND mc.channel_id = c.id
        WHERE m.tenant_id = $1 AND m.id = $3`,
      [tenantId, channelId, memberId],
    );
    return row;
  }

  overrides(tenantId: string, channelId: string, { after, limit }: Slice): Promise<OverrideRow[]> {
    return this.database.inTenantOnce<OverrideRow>(
      tenantId,
      `SELECT ${OVERRIDE} FROM channel_override WHERE tenant_id = $1 AND channel_id = $2
          AND ($3::timestamptz IS NULL OR (created_at, id) > ($3, $4::uuid))
        ORDER BY created_at, id LIMIT $5`,
      [tenantId, channelId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async insert(
    tx: Tx,
    tenantId: string,
    channelId: string,
    id: string,
    fields: OverrideFields,
  ): Promise<OverrideRow> {
    const [row] = await tx.query<OverrideRow>(
      `INSERT INTO channel_override (id, tenant_id, channel_id, kind, value, agent_id, model_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${OVERRIDE}`,
      [
        ...[id, tenantId, channelId, fields.kind, fields.value],
        ...[fields.agentId ?? null, fields.modelId ?? null],
      ],
    );
    return row as OverrideRow;
  }

  async remove(
    tx: Tx,
    tenantId: string,
    channelId: string,
    id: string,
  ): Promise<OverrideRow | undefined> {
    const [row] = await tx.query<OverrideRow>(
      `DELETE FROM channel_override WHERE tenant_id = $1 AND channel_id = $2 AND id = $3 RETURNING ${OVERRIDE}`,
      [tenantId, channelId, id],
    );
    return row;
  }
}
