import { Injectable } from '@nestjs/common';
import { Announcer } from '@common/contracts';
import { newId } from '@common/kernel';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { mergePatch } from '../http/merge-patch';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import {
  type AgentView,
  behavesAlike,
  fieldsOfAgent,
  present,
  secretsIn,
  viewOfAgent,
} from './agent-view';
import { AgentVersions } from './agent-versions.service';
import { type AgentFields, agentFields, type ListAgentsDto } from './agents.dto';
import { AgentsRepository } from './agents.repository';

export type { AgentView };

/** Who answers. A change of behaviour makes a version, so a turn can say which one it was answered by. */
@Injectable()
export class AgentsService {
  constructor(
    private readonly agents: AgentsRepository,
    private readonly changes: ChangeLog,
    private readonly announcer: Announcer,
    private readonly versions: AgentVersions,
  ) {}

  async list({ tenantId }: Caller, { limit, cursor }: ListAgentsDto): Promise<Page<AgentView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.agents.list(tenantId, after, rowsWanted(limit));
    return toPage(rows, limit, { view: viewOfAgent, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<AgentView> {
    return viewOfAgent(present(await this.agents.find(tenantId, id)));
  }

  async create(caller: Caller, fields: AgentFields): Promise<AgentView> {
    const { tenantId } = caller;
    const result = await this.changes.write(caller, { action: 'agent.create' }, async (tx) => {
      const id = newId();
      await this.agents.insert(tx, tenantId, id, fields.name);
      const { versionId } = await this.versions.add(tx, caller, { agentId: id, fields });
      await this.agents.pointTo(tx, tenantId, id, versionId);
      const after = viewOfAgent(present(await this.agents.find(tenantId, id, tx)));
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
      const fields = agentFields.parse(mergePatch(fieldsOfAgent(row), patch));
      await this.agents.rename(tx, tenantId, id, fields.name);
      if (patch.secret !== undefined || !behavesAlike(fields, fieldsOfAgent(row))) {
        const added = { agentId: id, fields, before: { row, patch } };
        const { versionId } = await this.versions.add(tx, caller, added);
        await this.agents.pointTo(tx, tenantId, id, versionId);
      }
      const after = viewOfAgent(present(await this.agents.find(tenantId, id, tx)));
      const secretsWritten = secretsIn(patch);
      return { result: after, resourceId: id, before: viewOfAgent(row), after, secretsWritten };
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
      return { result: undefined, resourceId: id, before: viewOfAgent(row) };
    });
    await this.announcer.announce('agent.changed', { agentId: id });
  }
}
