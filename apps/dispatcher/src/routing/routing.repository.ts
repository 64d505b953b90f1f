import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

export interface Option {
  readonly id: string;
  readonly name: string;
}

/** Agents and models that may answer, and who chose which. */
@Injectable()
export class RoutingRepository {
  /** The agent's version of this moment; null when the agent was deleted. */
  async versionOf(tx: Tx, tenantId: string, agentId: string): Promise<string | null> {
    const [row] = await tx.query<{ current_version_id: string | null }>(
      'SELECT current_version_id FROM agent WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL',
      [tenantId, agentId],
    );
    return row?.current_version_id ?? null;
  }

  async hasModel(tx: Tx, tenantId: string, modelId: string): Promise<boolean> {
    const rows = await tx.query(
      'SELECT 1 FROM model WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL',
      [tenantId, modelId],
    );
    return rows.length === 1;
  }

  /** What a group's or a department's override says; the group goes first, then the oldest. Deleted agents are skipped. */
  async override(
    tx: Tx,
    tenantId: string,
    channelId: string,
    of: { readonly groupId: string | null; readonly departments: readonly string[] },
  ): Promise<{ agentVersionId: string | null; modelId: string | null } | null> {
    const [row] = await tx.query<{ current_version_id: string | null; model_id: string | null }>(
      { name: 'route.override', text: OVERRIDE },
      [tenantId, channelId, of.groupId, of.departments],
    );
    return row ? { agentVersionId: row.current_version_id, modelId: row.model_id } : null;
  }

  /** In order of creation, so that numbers stay what they were. */
  options(
    tx: Tx,
    tenantId: string,
    what: 'agent' | 'model',
    ids: readonly string[] | undefined,
  ): Promise<Option[]> {
    return tx.query<{ id: string; name: string }>(
      `SELECT id, name FROM ${what} WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2::uuid[] IS NULL OR id = ANY($2))
        ORDER BY created_at, id LIMIT 100`,
      [tenantId, ids ?? null],
    );
  }

  /** @param id null: back to the default */
  async choose(
    tx: Tx,
    tenantId: string,
    memberId: string,
    channelId: string,
    what: 'agent' | 'model',
    id: string | null,
  ): Promise<void> {
    await tx.query(
      `INSERT INTO member_channel (tenant_id, member_id, channel_id, ${what}_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT (member_id, channel_id) DO UPDATE SET ${what}_id = $4, updated_at = now()`,
      [tenantId, memberId, channelId, id],
    );
  }

  async speak(
    tx: Tx,
    tenantId: string,
    memberId: string,
    channelId: string,
    locale: string,
  ): Promise<void> {
    await tx.query(
      `INSERT INTO member_channel (tenant_id, member_id, channel_id, locale) VALUES ($1, $2, $3, $4)
       ON CONFLICT (member_id, channel_id) DO UPDATE SET locale = $4, updated_at = now()`,
      [tenantId, memberId, channelId, locale],
    );
  }

  /** What a route is called: the agent, and its model unless the agent decides. */
  async names(
    tx: Tx,
    tenantId: string,
    agentVersionId: string | null,
    modelId: string | null,
  ): Promise<{ agent: string | null; model: string | null }> {
    const [row] = await tx.query<{ agent: string | null; model: string | null }>(
      `SELECT (SELECT a.name FROM agent a JOIN agent_version v ON v.agent_id = a.id
                WHERE v.tenant_id = $1 AND v.id = $2) AS agent,
              (SELECT m.name FROM model m WHERE m.tenant_id = $1 AND m.id = COALESCE($3::uuid,
                (SELECT v.model_id FROM agent_version v WHERE v.tenant_id = $1 AND v.id = $2))) AS model`,
      [tenantId, agentVersionId, modelId],
    );
    return row ?? { agent: null, model: null };
  }
}

const OVERRIDE = `
SELECT a.current_version_id, m.id AS model_id
  FROM channel_override o
  LEFT JOIN agent a ON a.tenant_id = o.tenant_id AND a.id = o.agent_id AND a.deleted_at IS NULL
  LEFT JOIN model m ON m.tenant_id = o.tenant_id AND m.id = o.model_id AND m.deleted_at IS NULL
 WHERE o.tenant_id = $1 AND o.channel_id = $2
   AND ((o.kind = 'group' AND o.value = $3) OR (o.kind = 'department' AND o.value = ANY($4)))
   AND (a.current_version_id IS NOT NULL OR m.id IS NOT NULL)
 ORDER BY o.kind = 'group' DESC, o.created_at, o.id LIMIT 1`;
