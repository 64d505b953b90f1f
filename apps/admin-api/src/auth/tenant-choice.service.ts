import { Injectable } from '@nestjs/common';

import { isUuid } from '@common/kernel';
import { Database } from '@common/persistence';

import { ApiError, ForbiddenError } from '../http/api.errors';
import type { KnownKey } from './authenticator.service';

const DEFAULT_SLUG = 'default';

/** Which tenant a request acts in: the key's own, or the one a platform key names in `X-Tenant-Id` (id or slug). */
@Injectable()
export class TenantChoice {
  constructor(private readonly database: Database) {}

  /** @throws ForbiddenError when a tenant's key names another tenant; ApiError 404 when a platform key names none */
  async of(key: KnownKey, wanted: string | undefined): Promise<string> {
    if (key.tenantId !== null && wanted === undefined) return key.tenantId;
    const found = await this.find(wanted?.trim() ?? DEFAULT_SLUG);
    if (key.tenantId !== null && found !== key.tenantId)
      throw new ForbiddenError('wrong_tenant', 'This key belongs to another tenant.');
    if (found === undefined)
      throw new ApiError(404, 'tenant_not_found', 'X-Tenant-Id names no tenant.');
    return found;
  }

  private async find(idOrSlug: string): Promise<string | undefined> {
    const [row] = await this.database.platformOnce<{ id: string }>(
      isUuid(idOrSlug)
        ? { name: 'tenant.by-id', text: 'SELECT id FROM tenant WHERE id = $1' }
        : { name: 'tenant.by-slug', text: 'SELECT id FROM tenant WHERE slug = $1' },
      [idOrSlug],
    );
    return row?.id;
  }
}
