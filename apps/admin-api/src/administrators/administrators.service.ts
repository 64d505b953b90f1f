import { Injectable } from '@nestjs/common';

import { isUuid, newId } from '@common/kernel';

import type { Caller } from '../auth/caller.decorator';
import { SessionsOfAdministrators } from '../auth/sessions.repository';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, ForbiddenError, NotFoundError } from '../http/api.errors';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { violatesUnique } from '../http/violation';
import { iso, isoOrNull } from '../http/wire';
import type {
  AdministratorView,
  CreateAdministratorDto,
  ListAdministratorsDto,
  UpdateAdministratorDto,
} from './administrators.dto';
import { type AdministratorRow, AdministratorsRepository } from './administrators.repository';
import { hashOfPassword } from './passwords';

/** People who administer a tenant, or the platform. */
@Injectable()
export class AdministratorsService {
  constructor(
    private readonly people: AdministratorsRepository,
    private readonly sessions: SessionsOfAdministrators,
    private readonly changes: ChangeLog,
  ) {}

  async list(
    caller: Caller,
    { limit, cursor }: ListAdministratorsDto,
  ): Promise<Page<AdministratorView>> {
    const after = readCursor(cursor, byCreation);
    const { tenantId, isPlatform } = caller;
    const rows = await this.people.list(tenantId, isPlatform, after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get(caller: Caller, id: string): Promise<AdministratorView> {
    return view(await this.row(caller, id));
  }

  async create(caller: Caller, wanted: CreateAdministratorDto): Promise<AdministratorView> {
    const isForPlatform = wanted.scope === 'platform';
    if (isForPlatform && !caller.isPlatform)
      throw new ForbiddenError(
        'platform_key_required',
        'Only the platform may create one of its own.',
      );
    const { email, name, role, password } = wanted;
    const hash = password === undefined ? null : await hashOfPassword(password);
    try {
      return await this.changes.write(caller, { action: 'administrator.create' }, async (tx) => {
        const row = await this.people.insert(tx, {
          ...{ id: newId(), tenant_id: isForPlatform ? null : caller.tenantId },
          ...{ email, name, role, password_hash: hash },
        });
        const after = view(row);
        return {
          result: after,
          resourceId: row.id,
          after,
          secretsWritten: hash ? ['password'] : [],
        };
      });
    } catch (error) {
      if (!violatesUnique(error, 'administrator_email')) throw error;
      throw new ConflictError('email_taken', 'Another administrator has this e-mail address.');
    }
  }

  /** A new password or role ends the sessions of the person. */
  async update(
    caller: Caller,
    id: string,
    patch: UpdateAdministratorDto,
  ): Promise<AdministratorView> {
    const before = view(await this.row(caller, id));
    const hash = patch.password === undefined ? null : await hashOfPassword(patch.password);
    const result = await this.changes.write(
      caller,
      { action: 'administrator.update' },
      async (tx) => {
        const row = await this.people.update(tx, id, {
          ...{
            name: patch.name ?? null,
            role: patch.role ?? null,
            hash,
            isTotpOff: patch.totp === 'off',
          },
        });
        const after = view(row);
        return {
          result: after,
          resourceId: id,
          before,
          after,
          secretsWritten: hash ? ['password'] : [],
        };
      },
    );
    if (hash !== null || patch.role !== undefined) await this.sessions.endAll(id);
    return result;
  }

  async remove(caller: Caller, id: string): Promise<void> {
    const before = view(await this.row(caller, id));
    await this.changes.write(caller, { action: 'administrator.delete' }, async (tx) => {
      await this.people.disable(tx, id);
      return { result: undefined, resourceId: id, before };
    });
    await this.sessions.endAll(id);
  }

  /** Of the one who asks. */
  async setOwnPassword(caller: Caller, hash: string): Promise<void> {
    await this.changes.write(
      caller,
      { action: 'administrator.password', answersResult: false },
      async (tx) => {
        await this.people.update(tx, caller.keyId, {
          name: null,
          role: null,
          hash,
          isTotpOff: false,
        });
        return {
          result: undefined,
          resourceId: caller.keyId,
          after: {},
          secretsWritten: ['password'],
        };
      },
    );
  }

  private async row(caller: Caller, id: string): Promise<AdministratorRow> {
    const row = isUuid(id)
      ? await this.people.find(caller.tenantId, caller.isPlatform, id)
      : undefined;
    if (!row) throw new NotFoundError('administrator');
    return row;
  }
}

const view = (row: AdministratorRow): AdministratorView => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role,
  scope: row.tenant_id === null ? 'platform' : 'tenant',
  passwordSet: row.password_hash !== null,
  totp: row.totp_confirmed_at !== null,
  createdAt: iso(row.created_at),
  lastLoginAt: isoOrNull(row.last_login_at),
});
