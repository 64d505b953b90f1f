import { timingSafeEqual } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

import { AdminApiConfig } from '../admin-api.config';
import { ApiError, ForbiddenError } from '../http/api.errors';
import { hashOfKey } from './api-key';
import type { Role } from './role';
import { isCsrfToken, sessionTokenOf } from './session-token';
import { SessionsOfAdministrators } from './sessions.repository';

/** A valid key or session; `tenantId` is null for those of the platform. */
export interface KnownKey {
  readonly kind?: 'key' | 'administrator';
  /** The channels that a key reaches; null or none: all. */
  readonly channelIds?: readonly string[] | null;
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
  channel_ids: string[] | null;
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
    private readonly sessions: SessionsOfAdministrators,
  ) {
    this.bootstrapHash = hashOfKey(config.ADMIN_API_KEY.reveal());
  }

  /**
   * By its key; without one by its session, which wants a token against forged requests with every write.
   * @throws ApiError 401 for no key, an unknown, an expired or a revoked one: nobody learns which; ForbiddenError
   */
  identify(request: Request): Promise<KnownKey> {
    const token = sessionTokenOf(request);
    const { authorization } = request.headers;
    return authorization === undefined && token !== undefined
      ? this.bySession(request, token)
      : this.byKey(authorization);
  }

  private async bySession(request: Request, token: string): Promise<KnownKey> {
    const row = await this.sessions.find(token);
    if (!row) throw new ApiError(401, 'unauthorized', 'The session is over: log in again.');
    if (request.method !== 'GET' && !isCsrfToken(request.headers['x-csrf-token'], token))
      throw new ForbiddenError('csrf_token_required', 'Send X-CSRF-Token as the login gave it.');
    const { administrator_id: id, name, role, tenant_id: tenantId } = row;
    return { kind: 'administrator', id, name, role, tenantId };
  }

  private async byKey(authorization: string | undefined): Promise<KnownKey> {
    const [, key] = /^Bearer +(\S{1,500})$/i.exec(authorization ?? '') ?? [];
    if (key === undefined)
      throw new ApiError(401, 'unauthorized', 'Send a key: Authorization: Bearer <key>.');
    const hash = hashOfKey(key);
    if (timingSafeEqual(hash, this.bootstrapHash))
      return { id: 'bootstrap', name: 'bootstrap key', role: 'owner', tenantId: null };
    const [row] = await this.database.platformOnce<KeyRow>(FIND, [hash]);
    if (!row) throw new ApiError(401, 'unauthorized', 'This key is not valid.');
    if (row.is_unused_lately) this.noteUse(row.id);
    const { id, name, role, tenant_id: tenantId, channel_ids: channelIds } = row;
    return { kind: 'key', id, name, role, tenantId, channelIds };
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
  text: `SELECT id, name, role, tenant_id, channel_ids,
      last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS is_unused_lately
    FROM api_key WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
};
