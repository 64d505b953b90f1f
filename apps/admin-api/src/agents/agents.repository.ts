import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import type { AgentFields } from './agents.dto';

export interface AgentRow {
  id: string;
  name: string;
  created_at: Date;
  updated_at: Date;
  revision: number;
  cursor_at: string;
  version_id: string;
  version: number;
  kind: AgentFields['kind'];
  instructions: string;
  model_id: string | null;
  fallback_model_id: string | null;
  tools: AgentFields['tools'];
  limits: AgentFields['limits'];
  show_reasoning: boolean;
  endpoint_url: string | null;
  endpoint_secret: Buffer | null;
  trusted_address: boolean;
  version_created_at: Date;
  version_created_by: string | null;
  /** Whether it is the version that answers. */
  is_current: boolean;
  is_address_of_current: boolean;
}

export interface NewVersion {
  readonly id: string;
  readonly agentId: string;
  readonly fields: AgentFields;
  /** Sealed. */
  readonly secret: Buffer | null;
  readonly isTrustedAddress: boolean;
  /** Name of the key. */
  readonly createdBy: string;
}

const COLUMNS = `a.id, a.name, a.created_at, a.updated_at, a.revision, a.created_at::text AS cursor_at,
    v.id AS version_id, v.version, v.kind, v.instructions, v.model_id, v.fallback_model_id, v.tools, v.limits,
    v.show_reasoning, v.endpoint_url, v.endpoint_secret, v.trusted_address, v.created_at AS version_created_at,
    v.created_by AS version_created_by, v.id = a.current_version_id AS is_current`;
const SELECT = `SELECT ${COLUMNS}, true AS is_address_of_current
  FROM agent a JOIN agent_version v ON v.id = a.current_version_id
  WHERE a.tenant_id = $1 AND a.deleted_at IS NULL`;
const SELECT_ANY = `SELECT ${COLUMNS}, v.endpoint_url IS NOT DISTINCT FROM c.endpoint_url AS is_address_of_current
  FROM agent a JOIN agent_version v ON v.tenant_id = a.tenant_id AND v.agent_id = a.id
    JOIN agent_version c ON c.id = a.current_version_id
  WHERE a.tenant_id = $1 AND a.deleted_at IS NULL AND a.id = $2`;

/** Agents with their current version; older versions stay for the turns that used them. */
@Injectable()
export class AgentsRepository {
  constructor(private readonly database: Database) {}

  list(tenantId: string, after: readonly string[] | null, limit: number): Promise<AgentRow[]> {
    return this.database.inTenantOnce<AgentRow>(
      tenantId,
      `${SELECT} AND ($2::timestamptz IS NULL OR (a.created_at, a.id) > ($2, $3::uuid))
        ORDER BY a.created_at, a.id LIMIT $4`,
      [tenantId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(tenantId: string, id: string, tx?: Tx): Promise<AgentRow | undefined> {
    const values = [tenantId, id];
    const [row] = tx
      ? await tx.query<AgentRow>(`${SELECT} AND a.id = $2`, values)
      : await this.database.inTenantOnce<AgentRow>(tenantId, `${SELECT} AND a.id = $2`, values);
    return row;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<AgentRow | undefined> {
    const [row] = await tx.query<AgentRow>(`${SELECT} AND a.id = $2 FOR NO KEY UPDATE OF a`, [
      tenantId,
      id,
    ]);
    return row;
  }

  async insert(tx: Tx, tenantId: string, id: string, name: string): Promise<void> {
    await tx.query('INSERT INTO agent (tenant_id, id, name) VALUES ($1, $2, $3)', [
      tenantId,
      id,
      name,
    ]);
  }

  /** Newest first. @param below of a page: versions before this one */
  versions(
    tenantId: string,
    agentId: string,
    below: number | null,
    limit: number,
  ): Promise<AgentRow[]> {
    return this.database.inTenantOnce<AgentRow>(
      tenantId,
      `${SELECT_ANY} AND ($3::int IS NULL OR v.version < $3) ORDER BY v.version DESC LIMIT $4`,
      [tenantId, agentId, below, limit],
    );
  }

  async findVersion(
    tenantId: string,
    agentId: string,
    version: number,
    tx?: Tx,
  ): Promise<AgentRow | undefined> {
    const values = [tenantId, agentId, version];
    const text = `${SELECT_ANY} AND v.version = $3`;
    const [row] = tx
      ? await tx.query<AgentRow>(text, values)
      : await this.database.inTenantOnce<AgentRow>(tenantId, text, values);
    return row;
  }

  /** Under the agent's lock, so that numbers stay without gaps. @returns its number */
  async insertVersion(tx: Tx, tenantId: string, added: NewVersion): Promise<number> {
    const { id, agentId, fields, secret, isTrustedAddress, createdBy } = added;
    const [row] = await tx.query<{ version: number }>(
      `INSERT INTO agent_version
          (tenant_id, id, agent_id, version, kind, instructions, model_id, fallback_model_id, tools, limits,
           show_reasoning, endpoint_url, endpoint_secret, trusted_address, created_by)
        VALUES ($1, $2, $3, (SELECT COALESCE(max(version), 0) + 1 FROM agent_version WHERE tenant_id = $1 AND agent_id = $3),
          $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        RETURNING version`,
      [
        tenantId,
        id,
        agentId,
        fields.kind,
        fields.instructions,
        fields.modelId ?? null,
        fields.fallbackModelId ?? null,
        JSON.stringify(fields.tools),
        JSON.stringify(fields.limits),
        fields.showReasoning,
        fields.url ?? null,
        secret,
        isTrustedAddress,
        createdBy,
      ],
    );
    return Number(row?.version);
  }

  async pointTo(tx: Tx, tenantId: string, agentId: string, versionId: string): Promise<void> {
    await tx.query('UPDATE agent SET current_version_id = $3 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      agentId,
      versionId,
    ]);
  }

  async rename(tx: Tx, tenantId: string, id: string, name: string): Promise<void> {
    await tx.query(
      `UPDATE agent SET name = $3, updated_at = now(), revision = revision + 1
        WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, name],
    );
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<void> {
    await tx.query(`UPDATE agent SET deleted_at = now() WHERE tenant_id = $1 AND id = $2`, [
      tenantId,
      id,
    ]);
  }

  async channelUsing(tx: Tx, tenantId: string, id: string): Promise<string | undefined> {
    const [row] = await tx.query<{ name: string }>(
      `SELECT name FROM channel
        WHERE tenant_id = $1 AND deleted_at IS NULL AND default_agent_id = $2 LIMIT 1`,
      [tenantId, id],
    );
    return row?.name;
  }
}
