import { timingSafeEqual } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

import { AdminApiConfig } from '../admin-api.config';
import { ApiError } from '../http/api.errors';
import { hashOfKey } from './api-key';
import type { Role } from './role';

/** A valid key; `tenantId` is null for keys of the platform. */
export interface KnownKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly tenantId: string | null;
}

interface KeyRow {
  id: string;
  name: string;
  role: Role;
  tenant_id: string | null;
  is_unused_lately: boolean;
}

/** Finds out whose key a request carries. A revoked key is refused at once: nothing is cached. */
@Injectable()
export class Authenticator {
  private readonly bootstrapHash: Buffer;

  constructor(
    config: AdminApiConfig,
    private readonly database: Database,
    private readonly logger: Logger,
  ) {
    this.bootstrapHash = hashOfKey(config.ADMIN_API_KEY.reveal());
  }

  /** @throws ApiError 401 for no key, an unknown, an expired or a revoked one: nobody learns which */
  async identify(authorization: string | undefined): Promise<KnownKey> {
    const [, key] = /^Bearer +(\S{1,500})$/i.exec(authorization ?? '') ?? [];
    if (key === undefined)
      throw new ApiError(401, 'unauthorized', 'Send a key: Authorization: Bearer <key>.');
    const hash = hashOfKey(key);
    if (timingSafeEqual(hash, this.bootstrapHash))
      return { id: 'bootstrap', name: 'bootstrap key', role: 'owner', tenantId: null };
    const [row] = await this.database.platformOnce<KeyRow>(FIND, [hash]);
    if (!row) throw new ApiError(401, 'unauthorized', 'This key is not valid.');
    if (row.is_unused_lately) this.noteUse(row.id);
    return { id: row.id, name: row.name, role: row.role, tenantId: row.tenant_id };
  }

  /** For people who tidy up keys; at most once a minute, and nobody waits for it. */
  private noteUse(keyId: string): void {
    this.database
      .platformOnce('UPDATE api_key SET last_used_at = now() WHERE id = $1', [keyId])
      .catch((error: unknown) => this.logger.debug('use of a key not noted', { error }));
  }
}

const FIND = {
  name: 'api-key.find',
  text: `SELECT id, name, role, tenant_id,
      last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS is_unused_lately
    FROM api_key WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
};
