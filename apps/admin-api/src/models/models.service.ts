import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { Announcer } from '@common/contracts';
import { newId, SecretBox } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, ForbiddenError, NotFoundError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { refuseKeptSecrets } from '../http/kept-secrets';
import { mergePatch } from '../http/merge-patch';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { iso } from '../http/wire';
import { type ListModelsDto, type ModelFields, modelFields, type modelView } from './models.dto';
import { type ModelRow, ModelsRepository, type StoredModel } from './models.repository';

export type ModelView = z.output<typeof modelView>;

/** Language models. Their keys are sealed and never shown. */
@Injectable()
export class ModelsService {
  constructor(
    private readonly models: ModelsRepository,
    private readonly changes: ChangeLog,
    private readonly box: SecretBox,
    private readonly announcer: Announcer,
  ) {}

  async list({ tenantId }: Caller, { limit, cursor }: ListModelsDto): Promise<Page<ModelView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.models.list(tenantId, after, rowsWanted(limit));
    return toPage(rows, limit, { view: this.view, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<ModelView> {
    return this.view(present(await this.models.find(tenantId, id)));
  }

  create(caller: Caller, fields: ModelFields): Promise<ModelView> {
    refuseProxy(caller, fields);
    const stored = this.stored(fields, caller.isPlatform);
    return this.changes.write(caller, { action: 'model.create' }, async (tx) => {
      const row = await this.models.insert(tx, caller.tenantId, newId(), stored);
      const result = this.view(row);
      return { result, resourceId: row.id, after: result, secretsWritten: secretsIn(fields) };
    });
  }

  async update(
    caller: Caller,
    id: string,
    patch: Record<string, unknown>,
    ifMatch: string | undefined,
  ): Promise<ModelView> {
    let users: Affected[] = [];
    const result = await this.changes.write(caller, { action: 'model.update' }, async (tx) => {
      const row = present(await this.models.lock(tx, caller.tenantId, id));
      checkRevision(row.revision, ifMatch);
      const fields = modelFields.parse(mergePatch(fieldsOf(row), patch));
      refuseProxy(caller, fields);
      const isSameAddress = (fields.baseUrl ?? null) === row.base_url;
      if (!isSameAddress)
        refuseKeptSecrets(
          caller,
          { apiKey: row.has_api_key, headers: row.headers !== null },
          patch,
        );
      const stored = {
        ...this.stored(fields, isSameAddress ? row.trusted_address : caller.isPlatform),
        ...(patch.apiKey === null && { apiKey: null }),
        ...(patch.headers === null && { headers: null }),
        ...(patch.proxyUrl === null && { proxy: null }),
      };
      const after = this.view(await this.models.update(tx, caller.tenantId, id, stored));
      users = await this.models.users(tx, caller.tenantId, id);
      const secretsWritten = secretsIn(patch);
      return { result: after, resourceId: id, before: this.view(row), after, secretsWritten };
    });
    await this.announce(users);
    return result;
  }

  async delete(caller: Caller, id: string, ifMatch: string | undefined): Promise<void> {
    await this.changes.write(caller, { action: 'model.delete' }, async (tx) => {
      const row = present(await this.models.lock(tx, caller.tenantId, id));
      checkRevision(row.revision, ifMatch);
      await this.refuseWhileUsed(tx, caller.tenantId, id);
      await this.models.delete(tx, caller.tenantId, id);
      return { result: undefined, resourceId: id, before: this.view(row) };
    });
  }

  private async refuseWhileUsed(tx: Tx, tenantId: string, id: string): Promise<void> {
    const [user] = await this.models.users(tx, tenantId, id);
    if (user) throw new ConflictError('in_use', `The ${user.kind} "${user.name}" uses this model.`);
  }

  /** A private address is trusted when a platform key wrote it (design §8, OUTBOUND_ALLOW). */
  private stored(
    { apiKey, headers, proxyUrl, ...fields }: ModelFields,
    isTrustedAddress: boolean,
  ): StoredModel {
    const sealed = (secret: string | undefined) =>
      secret === undefined ? undefined : this.box.seal(secret);
    return {
      ...fields,
      apiKey: sealed(apiKey),
      headers: sealed(headers && JSON.stringify(headers)),
      proxy: sealed(proxyUrl),
      isTrustedAddress,
    };
  }

  private readonly view = (row: ModelRow): ModelView =>
    viewOf(
      row,
      row.headers ? Object.keys(JSON.parse(this.box.openText(row.headers)) as object) : [],
    );

  private async announce(users: readonly Affected[]): Promise<void> {
    for (const { kind, id } of users)
      await (kind === 'agent'
        ? this.announcer.announce('agent.changed', { agentId: id })
        : this.announcer.announce('channel.changed', { channelId: id }));
  }
}

type Affected = { readonly kind: 'agent' | 'channel'; readonly id: string };

function present(row: ModelRow | undefined): ModelRow {
  if (!row) throw new NotFoundError('model');
  return row;
}

const secretsIn = (fields: Readonly<Record<string, unknown>>): string[] =>
  ['apiKey', 'headers', 'proxyUrl'].filter((name) => fields[name] !== undefined);

/** Through a proxy a model reaches whatever the proxy reaches: not for a tenant to choose. */
function refuseProxy(caller: Caller, { proxyUrl }: ModelFields): void {
  if (proxyUrl !== undefined && !caller.isPlatform)
    throw new ForbiddenError('platform_only', 'A proxy can be set with a platform key only.');
}

const fieldsOf = (row: ModelRow) => ({
  name: row.name,
  provider: row.provider,
  ...(row.base_url === null ? {} : { baseUrl: row.base_url }),
  ...(row.upstream_model === null ? {} : { upstreamModel: row.upstream_model }),
  params: row.params,
  timeouts: row.timeouts,
  prices: row.prices,
  ...(row.context_tokens === null ? {} : { contextTokens: row.context_tokens }),
  seesImages: row.sees_images,
  ...(row.max_concurrent === null ? {} : { maxConcurrent: row.max_concurrent }),
});

const viewOf = (row: ModelRow, headerNames: string[]): ModelView => ({
  id: row.id,
  name: row.name,
  provider: row.provider,
  baseUrl: row.base_url,
  apiKeySet: row.has_api_key,
  upstreamModel: row.upstream_model,
  params: row.params,
  headerNames,
  proxySet: row.has_proxy,
  timeouts: row.timeouts,
  prices: row.prices,
  contextTokens: row.context_tokens,
  seesImages: row.sees_images,
  maxConcurrent: row.max_concurrent,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  revision: row.revision,
});
