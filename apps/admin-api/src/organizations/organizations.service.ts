import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { newId } from '@common/kernel';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, NotFoundError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { mergePatch } from '../http/merge-patch';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { violatesUnique } from '../http/violation';
import { iso } from '../http/wire';
import { type AllowanceReport, allowanceReport } from './allowance-report';
import {
  type ListOrganizationsDto,
  type OrganizationFields,
  organizationFields,
  type organizationView,
} from './organizations.dto';
import { type OrganizationRow, OrganizationsRepository } from './organizations.repository';

export type OrganizationView = z.output<typeof organizationView>;

/** DingTalk organisations: monthly allowances belong to them. */
@Injectable()
export class OrganizationsService {
  constructor(
    private readonly organizations: OrganizationsRepository,
    private readonly changes: ChangeLog,
  ) {}

  async list(
    { tenantId }: Caller,
    { limit, cursor }: ListOrganizationsDto,
  ): Promise<Page<OrganizationView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.organizations.list(tenantId, after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<OrganizationView> {
    return view(present(await this.organizations.find(tenantId, id)));
  }

  create(caller: Caller, fields: OrganizationFields): Promise<OrganizationView> {
    return sayingWhoHasIt(
      this.changes.write(caller, { action: 'organization.create' }, async (tx) => {
        const row = await this.organizations.create(tx, caller.tenantId, newId(), fields);
        if (!row) throw corpIdTaken();
        return { result: view(row), resourceId: row.id, after: view(row) };
      }),
    );
  }

  update(
    caller: Caller,
    id: string,
    patch: unknown,
    ifMatch: string | undefined,
  ): Promise<OrganizationView> {
    return sayingWhoHasIt(
      this.changes.write(caller, { action: 'organization.update' }, async (tx) => {
        const row = present(await this.organizations.lock(tx, caller.tenantId, id));
        checkRevision(row.revision, ifMatch);
        const fields = organizationFields.parse(mergePatch(fieldsOf(row), patch));
        const result = view(await this.organizations.update(tx, caller.tenantId, id, fields));
        await this.organizations.forgetWarnings(tx, caller.tenantId, id);
        return { result, resourceId: id, before: view(row), after: result };
      }),
    );
  }

  async delete(caller: Caller, id: string, ifMatch: string | undefined): Promise<void> {
    await this.changes.write(caller, { action: 'organization.delete' }, async (tx) => {
      const row = present(await this.organizations.lock(tx, caller.tenantId, id));
      checkRevision(row.revision, ifMatch);
      const channel = await this.organizations.channelUsing(tx, caller.tenantId, id);
      if (channel !== undefined)
        throw new ConflictError('in_use', `The channel "${channel}" belongs to this organization.`);
      await this.organizations.delete(tx, caller.tenantId, id);
      return { result: undefined, resourceId: id, before: view(row) };
    });
  }
}

function present(row: OrganizationRow | undefined): OrganizationRow {
  if (!row) throw new NotFoundError('organization');
  return row;
}

const corpIdTaken = (): ConflictError =>
  new ConflictError('corp_id_taken', 'An organization with this corpId exists already.');

async function sayingWhoHasIt<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!violatesUnique(error, 'organization_corp')) throw error;
    throw corpIdTaken();
  }
}

const fieldsOf = (row: OrganizationRow) => ({
  corpId: row.corp_id,
  name: row.name,
  edition: row.edition,
  ...(row.api_calls_per_month === null ? {} : { apiCallsPerMonth: row.api_calls_per_month }),
  ...(row.messages_per_month === null ? {} : { messagesPerMonth: row.messages_per_month }),
});

const view = (row: OrganizationRow): OrganizationView => ({
  id: row.id,
  corpId: row.corp_id,
  name: row.name,
  edition: row.edition,
  apiCallsPerMonth: row.api_calls_per_month,
  messagesPerMonth: row.messages_per_month,
  learned: row.learned,
  allowance: reportOf(row),
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  revision: row.revision,
});

/** An organisation has a row of its own, so there is a report. */
function reportOf(row: OrganizationRow): AllowanceReport {
  const report = allowanceReport({ ...row });
  if (!report) throw new TypeError('an organization without allowances');
  return report;
}
