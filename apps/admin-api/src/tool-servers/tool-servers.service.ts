import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { newId, SecretBox } from '@common/kernel';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, NotFoundError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { refuseKeptSecrets } from '../http/kept-secrets';
import { mergePatch } from '../http/merge-patch';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { violatesUnique } from '../http/violation';
import { iso } from '../http/wire';
import {
  type ToolServerFields,
  toolServerFields,
  type toolServerView,
  type ListToolServersDto,
} from './tool-servers.dto';
import {
  type StoredToolServer,
  type ToolServerRow,
  ToolServersRepository,
} from './tool-servers.repository';

export type ToolServerView = z.output<typeof toolServerView>;

/** Servers of tools that agents may use (Model Context Protocol). */
@Injectable()
export class ToolServersService {
  constructor(
    private readonly servers: ToolServersRepository,
    private readonly changes: ChangeLog,
    private readonly box: SecretBox,
  ) {}

  async list(
    { tenantId }: Caller,
    { limit, cursor }: ListToolServersDto,
  ): Promise<Page<ToolServerView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.servers.list(tenantId, after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<ToolServerView> {
    return view(present(await this.servers.find(tenantId, id)));
  }

  create(caller: Caller, fields: ToolServerFields): Promise<ToolServerView> {
    const stored = this.stored(fields, caller.isPlatform);
    return sayingWhoHasIt(
      this.changes.write(caller, { action: 'tool_server.create' }, async (tx) => {
        const row = await this.servers.insert(tx, caller.tenantId, newId(), stored);
        const secretsWritten = secretsIn(fields);
        return { result: view(row), resourceId: row.id, after: view(row), secretsWritten };
      }),
    );
  }

  update(
    caller: Caller,
    id: string,
    patch: Record<string, unknown>,
    ifMatch: string | undefined,
  ): Promise<ToolServerView> {
    return sayingWhoHasIt(
      this.changes.write(caller, { action: 'tool_server.update' }, async (tx) => {
        const row = present(await this.servers.lock(tx, caller.tenantId, id));
        checkRevision(row.revision, ifMatch);
        const fields = toolServerFields.parse(mergePatch(fieldsOf(row), patch));
        const isSameAddress = (fields.url ?? null) === row.url;
        if (!isSameAddress) refuseKeptSecrets(caller, { headers: row.has_headers }, patch);
        const stored = {
          ...this.stored(fields, isSameAddress ? row.trusted_address : caller.isPlatform),
          ...(patch['headers'] === null && { headers: null }),
        };
        const after = view(await this.servers.update(tx, caller.tenantId, id, stored));
        const secretsWritten = secretsIn(patch);
        return { result: after, resourceId: id, before: view(row), after, secretsWritten };
      }),
    );
  }

  async delete(caller: Caller, id: string, ifMatch: string | undefined): Promise<void> {
    await this.changes.write(caller, { action: 'tool_server.delete' }, async (tx) => {
      const row = present(await this.servers.lock(tx, caller.tenantId, id));
      checkRevision(row.revision, ifMatch);
      const agent = await this.servers.agentUsing(tx, caller.tenantId, id);
      if (agent !== undefined)
        throw new ConflictError('in_use', `The agent "${agent}" uses this tool server.`);
      await this.servers.delete(tx, caller.tenantId, id);
      return { result: undefined, resourceId: id, before: view(row) };
    });
  }

  /** A private address is trusted when a platform key wrote it (design §8, OUTBOUND_ALLOW). */
  private stored(
    { headers, ...fields }: ToolServerFields,
    isTrustedAddress: boolean,
  ): StoredToolServer {
    const sealed = headers && this.box.seal(JSON.stringify(headers));
    return { ...fields, headers: sealed, isTrustedAddress };
  }
}

const secretsIn = ({ headers }: { readonly headers?: unknown }): string[] =>
  headers === undefined ? [] : ['headers'];

async function sayingWhoHasIt<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!violatesUnique(error, 'tool_server_name')) throw error;
    throw new ConflictError('name_taken', 'A tool server of this name exists already.');
  }
}

function present(row: ToolServerRow | undefined): ToolServerRow {
  if (!row) throw new NotFoundError('tool server');
  return row;
}

const fieldsOf = (row: ToolServerRow) => ({
  name: row.name,
  transport: row.transport,
  ...(row.url === null ? {} : { url: row.url }),
  ...(row.command === null ? {} : { command: row.command }),
  ...(row.allowed_tools === null ? {} : { allowedTools: row.allowed_tools }),
  askFirst: row.ask_first,
  readOnly: row.read_only,
  timeoutSeconds: row.timeout_seconds,
});

const view = (row: ToolServerRow): ToolServerView => ({
  id: row.id,
  name: row.name,
  transport: row.transport,
  url: row.url,
  headersSet: row.has_headers,
  command: row.command,
  allowedTools: row.allowed_tools,
  askFirst: row.ask_first,
  readOnly: row.read_only,
  timeoutSeconds: row.timeout_seconds,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  revision: row.revision,
});
