import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import type { ToolServerFields } from './tool-servers.dto';

export interface ToolServerRow {
  id: string;
  name: string;
  transport: ToolServerFields['transport'];
  url: string | null;
  has_headers: boolean;
  command: string | null;
  allowed_tools: string[] | null;
  ask_first: string[];
  read_only: string[];
  timeout_seconds: number;
  trusted_address: boolean;
  created_at: Date;
  updated_at: Date;
  revision: number;
  cursor_at: string;
}

/** A server as it is stored: its headers sealed, or undefined to leave what is there. */
export interface StoredToolServer extends Omit<ToolServerFields, 'headers'> {
  readonly headers: Buffer | null | undefined;
  readonly isTrustedAddress: boolean;
}

const COLUMNS = `id, name, transport, url, headers IS NOT NULL AS has_headers, command, allowed_tools, ask_first, read_only, timeout_seconds, trusted_address, created_at, updated_at, revision, created_at::text AS cursor_at`;
const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

@Injectable()
export class ToolServersRepository {
  constructor(private readonly database: Database) {}

  list(tenantId: string, after: readonly string[] | null, limit: number): Promise<ToolServerRow[]> {
    return this.database.inTenantOnce<ToolServerRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM tool_server WHERE ${LIVE}
          AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
        ORDER BY created_at, id LIMIT $4`,
      [tenantId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(tenantId: string, id: string): Promise<ToolServerRow | undefined> {
    const [row] = await this.database.inTenantOnce<ToolServerRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM tool_server WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
    return row;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<ToolServerRow | undefined> {
    const [row] = await tx.query<ToolServerRow>(
      `SELECT ${COLUMNS} FROM tool_server WHERE ${LIVE} AND id = $2 FOR NO KEY UPDATE`,
      [tenantId, id],
    );
    return row;
  }

  async insert(
    tx: Tx,
    tenantId: string,
    id: string,
    fields: StoredToolServer,
  ): Promise<ToolServerRow> {
    const [row] = await tx.query<ToolServerRow>(
      `INSERT INTO tool_server (tenant_id, id, name, transport, url, command, allowed_tools, ask_first, read_only, timeout_seconds, trusted_address, headers)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(fields), fields.headers ?? null],
    );
    return row as ToolServerRow;
  }

  async update(
    tx: Tx,
    tenantId: string,
    id: string,
    fields: StoredToolServer,
  ): Promise<ToolServerRow> {
    const [row] = await tx.query<ToolServerRow>(
      `UPDATE tool_server SET name = $3, transport = $4, url = $5, command = $6, allowed_tools = $7, ask_first = $8, read_only = $9, timeout_seconds = $10, trusted_address = $11,
          headers = CASE WHEN $13 THEN $12 ELSE headers END,
          updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(fields), fields.headers ?? null, fields.headers !== undefined],
    );
    return row as ToolServerRow;
  }

  /** An agent whose current version uses it. */
  async agentUsing(tx: Tx, tenantId: string, id: string): Promise<string | undefined> {
    const [row] = await tx.query<{ name: string }>(
      `SELECT a.name FROM agent a JOIN agent_version v ON v.id = a.current_version_id
          OR (v.agent_id = a.id AND v.id IN (
            SELECT canary_version_id FROM channel WHERE tenant_id = $1 AND deleted_at IS NULL))
        WHERE a.tenant_id = $1 AND a.deleted_at IS NULL AND v.tools ? $2::text LIMIT 1`,
      [tenantId, id],
    );
    return row?.name;
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<void> {
    await tx.query(
      `UPDATE tool_server SET deleted_at = now(), headers = NULL WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
  }
}

const values = (server: StoredToolServer): unknown[] => [
  server.name,
  server.transport,
  server.url ?? null,
  server.command ?? null,
  server.allowedTools ?? null,
  server.askFirst,
  server.readOnly,
  server.timeoutSeconds,
  server.isTrustedAddress,
];
