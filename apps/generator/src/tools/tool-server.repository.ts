import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { ToolServer } from './tool-server';

interface Row {
  id: string;
  revision: number;
  name: string;
  transport: ToolServer['transport'];
  url: string | null;
  headers: Buffer | null;
  command: string | null;
  trusted_address: boolean;
  allowed_tools: string[] | null;
  ask_first: string[];
  read_only: string[];
  timeout_seconds: number;
}

/** Servers of tools, as they are now. */
@Injectable()
export class ToolServerRepository {
  constructor(private readonly database: Database) {}

  async find(tenantId: string, ids: readonly string[]): Promise<ToolServer[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.inTenantOnce<Row>(tenantId, SELECT, [tenantId, ids]);
    return rows.map((row) => ({
      id: row.id,
      tenantId,
      revision: row.revision,
      name: row.name,
      transport: row.transport,
      url: row.url,
      headers: row.headers,
      command: row.command,
      isTrustedAddress: row.trusted_address,
      allowedTools: row.allowed_tools,
      askFirst: row.ask_first,
      readOnly: row.read_only,
      timeoutMs: row.timeout_seconds * 1_000,
    }));
  }
}

const SELECT = `
SELECT id, revision, name, transport, url, headers, command, trusted_address, allowed_tools, ask_first, read_only,
       timeout_seconds
  FROM tool_server WHERE tenant_id = $1 AND id = ANY($2) AND deleted_at IS NULL ORDER BY name`;
