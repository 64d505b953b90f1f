import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import { type ColumnValues, type LiveRow, LiveRows } from '../resources/live-rows';
import type { ToolServerFields } from './tool-servers.dto';

export interface ToolServerRow extends LiveRow {
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
}

/** A server as it is stored: its headers sealed, or undefined to leave what is there. */
export interface StoredToolServer extends Omit<ToolServerFields, 'headers'> {
  readonly headers: Buffer | null | undefined;
  readonly isTrustedAddress: boolean;
}

const COLUMNS = `name, transport, url, headers IS NOT NULL AS has_headers, command, allowed_tools, ask_first, read_only,
  timeout_seconds, trusted_address`;

@Injectable()
export class ToolServersRepository extends LiveRows<ToolServerRow, StoredToolServer> {
  constructor(database: Database) {
    super(database, { name: 'tool_server', columns: COLUMNS, secrets: ['headers'] });
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

  protected valuesOf(server: StoredToolServer): ColumnValues {
    return {
      name: server.name,
      transport: server.transport,
      url: server.url ?? null,
      command: server.command ?? null,
      allowed_tools: server.allowedTools ?? null,
      ask_first: server.askFirst,
      read_only: server.readOnly,
      timeout_seconds: server.timeoutSeconds,
      trusted_address: server.isTrustedAddress,
      headers: server.headers,
    };
  }
}
