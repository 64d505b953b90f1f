import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { newId } from '@common/kernel';

import { hashOfKey, newApiKey } from '../auth/api-key';
import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, ForbiddenError, NotFoundError } from '../http/api.errors';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { checkReferences } from '../http/references';
import { iso, isoOrNull } from '../http/wire';
import type { apiKeyView, CreateApiKeyDto, ListApiKeysDto } from './api-keys.dto';
import { type ApiKeyRow, ApiKeysRepository } from './api-keys.repository';

export type ApiKeyView = z.output<typeof apiKeyView>;

/** Keys of a tenant (and, for platform keys, of the platform). */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly changes: ChangeLog,
  ) {}

  async list(caller: Caller, { limit, cursor }: ListApiKeysDto): Promise<Page<ApiKeyView>> {
    const after = readCursor(cursor, byCreation);
    const { tenantId, isPlatform } = caller;
    const rows = await this.keys.list(tenantId, isPlatform, after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get(caller: Caller, id: string): Promise<ApiKeyView> {
    const row = await this.keys.find(caller.tenantId, caller.isPlatform, id);
    if (!row) throw new NotFoundError('API key');
    return view(row);
  }

  create(caller: Caller, wanted: CreateApiKeyDto): Promise<ApiKeyView & { key: string }> {
    const isForPlatform = wanted.scope === 'platform';
    if (isForPlatform && !caller.isPlatform)
      throw new ForbiddenError('platform_key_required', 'Only a platform key may create another.');
    const { key, prefix } = newApiKey();
    return this.changes.write(caller, { action: 'api-key.create' }, async (tx) => {
      const channels = (wanted.channelIds ?? []).map(
        (id, n) => ({ path: `channelIds.${n}`, target: 'channel', id }) as const,
      );
      await checkReferences(tx, caller.tenantId, channels);
      const row = await this.keys.insert(tx, {
        id: newId(),
        tenantId: isForPlatform ? null : caller.tenantId,
        name: wanted.name,
        role: wanted.role,
        prefix,
        hash: hashOfKey(key),
        expiresAt: wanted.expiresAt ?? null,
        channelIds: wanted.channelIds ?? null,
      });
      const after = view(row);
      return { result: { ...after, key }, resourceId: row.id, after };
    });
  }

  /** A new key of the same kind; the old one works until the overlap is over. */
  async rotate(
    caller: Caller,
    id: string,
    overlapSeconds: number,
  ): Promise<ApiKeyView & { key: string }> {
    const before = await this.get(caller, id);
    if (
      before.revokedAt !== null ||
      (before.expiresAt !== null && new Date(before.expiresAt) < new Date())
    )
      throw new ConflictError('key_not_valid', 'The key is revoked or expired: create another.');
    const { key, prefix } = newApiKey();
    return this.changes.write(caller, { action: 'api-key.rotate' }, async (tx) => {
      await this.keys.runOut(tx, id, overlapSeconds);
      const row = await this.keys.insert(tx, {
        ...{ id: newId(), tenantId: before.scope === 'platform' ? null : caller.tenantId },
        ...{ name: before.name, role: before.role, prefix, hash: hashOfKey(key) },
        ...{ expiresAt: before.expiresAt, channelIds: before.channelIds },
      });
      const after = view(row);
      return { result: { ...after, key }, resourceId: id, before, after };
    });
  }

  async revoke(caller: Caller, id: string): Promise<void> {
    const before = await this.get(caller, id);
    await this.changes.write(caller, { action: 'api-key.revoke' }, async (tx) => {
      const after = view(await this.keys.revoke(tx, id));
      return { result: undefined, resourceId: id, before, after };
    });
  }
}

const view = (row: ApiKeyRow): ApiKeyView => ({
  id: row.id,
  name: row.name,
  role: row.role,
  scope: row.tenant_id === null ? 'platform' : 'tenant',
  channelIds: row.channel_ids,
  prefix: row.prefix,
  createdAt: iso(row.created_at),
  expiresAt: isoOrNull(row.expires_at),
  lastUsedAt: isoOrNull(row.last_used_at),
  revokedAt: isoOrNull(row.revoked_at),
});
