import { isDeepStrictEqual } from 'node:util';

import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { Announcer } from '@common/contracts';
import { isUuid, newId, SecretBox } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, NotFoundError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { refuseKeptSecrets } from '../http/kept-secrets';
import { mergePatch } from '../http/merge-patch';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { checkReferences } from '../http/references';
import { iso } from '../http/wire';
import { type AgentFields, agentFields, type agentView, type ListAgentsDto } from './agents.dto';
import { type AgentRow, AgentsRepository, type NewVersion } from './agents.repository';

export type AgentView = z.output<typeof agentView>;

/** Who answers. A change of behaviour makes a version, so a turn can say which one it was answered by. */
@Injectable()
export class AgentsService {
  constructor(
    private readonly agents: AgentsRepository,
    private readonly changes: ChangeLog,
    private readonly announcer: Announcer,
    private readonly box: SecretBox,
  ) {}

  async list({ tenantId }: Caller, { limit, cursor }: ListAgentsDto): Promise<Page<AgentView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.agents.list(tenantId, after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<AgentView> {
    return view(present(await this.agents.find(tenantId, id)));
  }

  async create(caller: Caller, fields: AgentFields): Promise<AgentView> {
    const { tenantId } = caller;
    const result = await this.changes.write(caller, { action: 'agent.create' }, async (tx) => {
      const id = newId();
      await this.agents.insert(tx, tenantId, id, fields.name);
      const isTrustedAddress = caller.isPlatform;
      const secret = this.sealed(fields.secret);
      const version = { agentId: id, version: 1, fields, secret, isTrustedAddress };
      await this.addVersion(tx, tenantId, version);
      const after = view(present(await this.agents.find(tenantId, id, tx)));
      return { result: after, resourceId: id, after, secretsWritten: secretsIn(fields) };
    });
    await this.announcer.announce('agent.changed', { agentId: result.id });
    return result;
  }

  async update(
    caller: Caller,
    id: string,
    patch: Record<string, unknown>,
    ifMatch: string | undefined,
  ): Promise<AgentView> {
    const { tenantId } = caller;
    const result = await this.changes.write(caller, { action: 'agent.update' }, async (tx) => {
      const row = present(await this.agents.lock(tx, tenantId, id));
      checkRevision(row.revision, ifMatch);
      const fields = agentFields.parse(mergePatch(fieldsOf(row), patch));
      await this.agents.rename(tx, tenantId, id, fields.name);
      if (patch.secret === null || !behavesAlike(fields, fieldsOf(row))) {
        const isSameAddress = (fields.url ?? null) === row.endpoint_url;
        if (!isSameAddress || fields.kind !== fieldsOf(row).kind)
          refuseKeptSecrets(caller, { secret: row.endpoint_secret !== null }, patch);
        const isTrustedAddress = isSameAddress ? row.trusted_address : caller.isPlatform;
        const kept = patch.secret === null ? null : row.endpoint_secret;
        const secret = this.sealed(fields.secret) ?? kept;
        const version = { agentId: id, version: row.version + 1, fields, secret, isTrustedAddress };
        await this.addVersion(tx, tenantId, version);
      }
      const after = view(present(await this.agents.find(tenantId, id, tx)));
      const secretsWritten = secretsIn(patch);
      return { result: after, resourceId: id, before: view(row), after, secretsWritten };
    });
    await this.announcer.announce('agent.changed', { agentId: id });
    return result;
  }

  async delete(caller: Caller, id: string, ifMatch: string | undefined): Promise<void> {
    const { tenantId } = caller;
    await this.changes.write(caller, { action: 'agent.delete' }, async (tx) => {
      const row = present(await this.agents.lock(tx, tenantId, id));
      checkRevision(row.revision, ifMatch);
      const channel = await this.agents.channelUsing(tx, tenantId, id);
      if (channel !== undefined)
        throw new ConflictError('in_use', `The channel "${channel}" uses this agent.`);
      await this.agents.delete(tx, tenantId, id);
      return { result: undefined, resourceId: id, before: view(row) };
    });
    await this.announcer.announce('agent.changed', { agentId: id });
  }

  private async addVersion(tx: Tx, tenantId: string, added: Omit<NewVersion, 'id'>): Promise<void> {
    const { modelId, fallbackModelId, tools } = added.fields;
    await checkReferences(tx, tenantId, [
      { path: 'modelId', target: 'model', id: modelId },
      { path: 'fallbackModelId', target: 'model', id: fallbackModelId },
      ...tools.map((id, n) => ({
        path: `tools.${n}`,
        target: 'tool_server' as const,
        id: isUuid(id) ? id : undefined,
      })),
    ]);
    const id = newId();
    await this.agents.insertVersion(tx, tenantId, { ...added, id });
    await this.agents.pointTo(tx, tenantId, added.agentId, id);
  }

  private sealed(secret: string | undefined): Buffer | null {
    return secret === undefined ? null : this.box.seal(secret);
  }
}

const secretsIn = ({ secret }: { readonly secret?: unknown }): string[] =>
  secret === undefined ? [] : ['secret'];

function present(row: AgentRow | undefined): AgentRow {
  if (!row) throw new NotFoundError('agent');
  return row;
}

const behavesAlike = (one: AgentFields, other: AgentFields): boolean =>
  isDeepStrictEqual({ ...one, name: '' }, { ...other, name: '' });

const fieldsOf = (row: AgentRow): AgentFields => ({
  name: row.name,
  kind: row.kind,
  instructions: row.instructions,
  ...(row.model_id === null ? {} : { modelId: row.model_id }),
  ...(row.fallback_model_id === null ? {} : { fallbackModelId: row.fallback_model_id }),
  tools: row.tools,
  limits: row.limits,
  showReasoning: row.show_reasoning,
  ...(row.endpoint_url === null ? {} : { url: row.endpoint_url }),
});

const view = (row: AgentRow): AgentView => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  instructions: row.instructions,
  modelId: row.model_id,
  fallbackModelId: row.fallback_model_id,
  tools: row.tools,
  limits: row.limits as AgentView['limits'],
  showReasoning: row.show_reasoning,
  url: row.endpoint_url,
  secretSet: row.endpoint_secret !== null,
  version: row.version,
  currentVersionId: row.version_id,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  revision: row.revision,
});
