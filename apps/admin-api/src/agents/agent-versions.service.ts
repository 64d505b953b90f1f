import { isDeepStrictEqual } from 'node:util';

import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';
import { isUuid, newId, SecretBox } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { NotFoundError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { refuseKeptSecrets } from '../http/kept-secrets';
import { mergePatch } from '../http/merge-patch';
import { type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { checkReferences } from '../http/references';
import { iso } from '../http/wire';
import { type AgentView, fieldsOfAgent, present, secretsIn, viewOfAgent } from './agent-view';
import {
  type AgentVersionView,
  type ListVersionsDto,
  type VersionDiff,
  versionPosition,
} from './agent-versions.dto';
import { type AgentFields, agentFields } from './agents.dto';
import { type AgentRow, AgentsRepository } from './agents.repository';
import { mayAnswer } from './may-answer';

export interface AddedVersion {
  readonly agentId: string;
  readonly fields: AgentFields;
  /** The version it was made of: whence a secret that was not written again, and the trust in an address that stays. */
  readonly before?: { readonly row: AgentRow; readonly patch: Record<string, unknown> };
}

/** Versions of agents. They are never changed; which one answers is the agent's pointer, forward and back. */
@Injectable()
export class AgentVersions {
  constructor(
    private readonly agents: AgentsRepository,
    private readonly changes: ChangeLog,
    private readonly announcer: Announcer,
    private readonly box: SecretBox,
  ) {}

  async list(
    { tenantId }: Caller,
    agentId: string,
    { limit, cursor }: ListVersionsDto,
  ): Promise<Page<AgentVersionView>> {
    present(await this.agents.find(tenantId, agentId));
    const after = readCursor(cursor, versionPosition);
    const below = after === null ? null : Number(after[0]);
    const rows = await this.agents.versions(tenantId, agentId, below, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [String(row.version)] });
  }

  async get({ tenantId }: Caller, agentId: string, version: number): Promise<AgentVersionView> {
    return view(presentVersion(await this.agents.findVersion(tenantId, agentId, version)));
  }

  /** What one version has that the other had not. */
  async diff(
    { tenantId }: Caller,
    agentId: string,
    from: number,
    to: number,
  ): Promise<VersionDiff> {
    const [before, after] = await Promise.all(
      [from, to].map(async (n) =>
        presentVersion(await this.agents.findVersion(tenantId, agentId, n)),
      ),
    );
    return { from, to, changes: differences(before as AgentRow, after as AgentRow) };
  }

  /** A version made of the current one by a merge patch; it answers nobody until it is activated or somebody's canary. */
  prepare(
    caller: Caller,
    agentId: string,
    patch: Record<string, unknown>,
  ): Promise<AgentVersionView> {
    const { tenantId } = caller;
    return this.changes.write(caller, { action: 'agent.version' }, async (tx) => {
      const row = present(await this.agents.lock(tx, tenantId, agentId));
      const fields = agentFields.parse(
        mergePatch(fieldsOfAgent(row), { ...patch, name: row.name }),
      );
      const added = { agentId, fields, before: { row, patch } };
      const { version } = await this.add(tx, caller, added);
      const made = await this.agents.findVersion(tenantId, agentId, version, tx);
      const after = view(presentVersion(made));
      return { result: after, resourceId: agentId, after, secretsWritten: secretsIn(patch) };
    });
  }

  /** Makes a version the one that answers: back to an older one, or on to one that was prepared. Running turns keep theirs. */
  async activate(
    caller: Caller,
    agentId: string,
    version: number,
    ifMatch: string | undefined,
  ): Promise<AgentView> {
    const { tenantId } = caller;
    const result = await this.changes.write(caller, { action: 'agent.activate' }, async (tx) => {
      const row = present(await this.agents.lock(tx, tenantId, agentId));
      checkRevision(row.revision, ifMatch);
      const found = await this.agents.findVersion(tenantId, agentId, version, tx);
      const wanted = presentVersion(found);
      mayAnswer(caller, wanted);
      await checkTargets(tx, tenantId, fieldsOfAgent(wanted));
      if (!wanted.is_current) {
        await this.agents.pointTo(tx, tenantId, agentId, wanted.version_id);
        await this.agents.rename(tx, tenantId, agentId, row.name);
      }
      const after = viewOfAgent(present(await this.agents.find(tenantId, agentId, tx)));
      return { result: after, resourceId: agentId, before: viewOfAgent(row), after };
    });
    await this.announcer.announce('agent.changed', { agentId });
    return result;
  }

  /** Under the agent's lock. */
  async add(
    tx: Tx,
    caller: Caller,
    { agentId, fields, before }: AddedVersion,
  ): Promise<{ readonly versionId: string; readonly version: number }> {
    await checkTargets(tx, caller.tenantId, fields);
    const { row, patch = {} } = before ?? {};
    const isSameAddress = row !== undefined && (fields.url ?? null) === row.endpoint_url;
    if (row && (!isSameAddress || fields.kind !== row.kind))
      refuseKeptSecrets(caller, { secret: row.endpoint_secret !== null }, patch);
    const kept = patch.secret === null ? null : (row?.endpoint_secret ?? null);
    const id = newId();
    const version = await this.agents.insertVersion(tx, caller.tenantId, {
      id,
      agentId,
      fields,
      secret: fields.secret === undefined ? kept : this.box.seal(fields.secret),
      isTrustedAddress: isSameAddress ? row.trusted_address : caller.isPlatform,
      createdBy: caller.keyName,
    });
    return { versionId: id, version };
  }
}

const checkTargets = (
  tx: Tx,
  tenantId: string,
  { modelId, fallbackModelId, tools }: AgentFields,
): Promise<void> =>
  checkReferences(tx, tenantId, [
    { path: 'modelId', target: 'model', id: modelId },
    { path: 'fallbackModelId', target: 'model', id: fallbackModelId },
    ...tools.map((id, n) => ({
      path: `tools.${n}`,
      target: 'tool_server' as const,
      id: isUuid(id) ? id : undefined,
    })),
  ]);

function presentVersion(row: AgentRow | undefined): AgentRow {
  if (!row) throw new NotFoundError('version of this agent');
  return row;
}

function differences(before: AgentRow, after: AgentRow): VersionDiff['changes'] {
  const [one, other] = [behaviourOf(before), behaviourOf(after)];
  const changes = (Object.keys(one) as (keyof typeof one)[])
    .filter((path) => !isDeepStrictEqual(one[path], other[path]))
    .map((path) => ({ path, before: one[path] ?? null, after: other[path] ?? null }));
  const isSecretChanged = !isDeepStrictEqual(before.endpoint_secret, after.endpoint_secret);
  // That it changed, never what it is (P8).
  return isSecretChanged
    ? [...changes, { path: 'secret', before: one.secretSet, after: other.secretSet }]
    : changes;
}

const behaviourOf = (row: AgentRow) => {
  const {
    kind,
    instructions,
    modelId,
    fallbackModelId,
    tools,
    limits,
    showReasoning,
    url,
    secretSet,
  } = viewOfAgent(row);
  return {
    kind,
    instructions,
    modelId,
    fallbackModelId,
    tools,
    limits,
    showReasoning,
    url,
    secretSet,
  };
};

const view = (row: AgentRow): AgentVersionView => ({
  id: row.version_id,
  version: row.version,
  current: row.is_current,
  ...behaviourOf(row),
  createdAt: iso(row.version_created_at),
  createdBy: row.version_created_by,
});
