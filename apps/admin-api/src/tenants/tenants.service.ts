import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { newId } from '@common/kernel';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, NotFoundError } from '../http/api.errors';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { violatesUnique } from '../http/violation';
import { iso } from '../http/wire';
import type { CreateTenantDto, ListTenantsDto, TenantPatch, tenantView } from './tenants.dto';
import { type TenantRow, TenantsRepository } from './tenants.repository';

export type TenantView = z.output<typeof tenantView>;

/** Customers. The platform makes them; a tenant sees and renames itself. */
@Injectable()
export class TenantsService {
  constructor(
    private readonly tenants: TenantsRepository,
    private readonly changes: ChangeLog,
  ) {}

  async list(caller: Caller, { limit, cursor }: ListTenantsDto): Promise<Page<TenantView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.tenants.list(visibleTo(caller), after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get(caller: Caller, id: string): Promise<TenantView> {
    const only = visibleTo(caller);
    const row = only === null || only === id ? await this.tenants.find(id) : undefined;
    if (!row) throw new NotFoundError('tenant');
    return view(row);
  }

  async create(caller: Caller, tenant: CreateTenantDto): Promise<TenantView> {
    try {
      return await this.changes.write(caller, { action: 'tenant.create' }, async (tx) => {
        const result = view(await this.tenants.insert(tx, { id: newId(), ...tenant }));
        return { result, resourceId: result.id, after: result };
      });
    } catch (error) {
      if (!violatesUnique(error, 'tenant_slug_key')) throw error;
      throw new ConflictError('slug_taken', 'Another tenant has this slug.');
    }
  }

  async update(caller: Caller, id: string, patch: TenantPatch): Promise<TenantView> {
    const only = visibleTo(caller);
    return this.changes.write(caller, { action: 'tenant.update' }, async (tx) => {
      const row = only === null || only === id ? await this.tenants.lock(tx, id) : undefined;
      if (!row) throw new NotFoundError('tenant');
      const before = view(row);
      const result = view(await this.tenants.update(tx, id, merged(before, patch)));
      return { result, resourceId: id, before, after: result };
    });
  }
}

const merged = (before: TenantView, { name = before.name, auditRetentionDays }: TenantPatch) => ({
  name,
  auditRetentionDays:
    auditRetentionDays === undefined ? before.auditRetentionDays : auditRetentionDays,
});

const visibleTo = (caller: Caller): string | null => (caller.isPlatform ? null : caller.tenantId);

const view = (row: TenantRow): TenantView => ({
  id: row.id,
  name: row.name,
  slug: row.slug,
  auditRetentionDays: row.audit_retention_days,
  createdAt: iso(row.created_at),
});
