import { Injectable } from '@nestjs/common';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { InvalidInputError, NotFoundError } from '../http/api.errors';
import { fieldErrors } from '../http/field-errors';
import { mergePatch } from '../http/merge-patch';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { iso } from '../http/wire';
import { type ListMembersDto, memberFields, type MemberView } from './members.dto';
import { type MemberRow, MembersRepository } from './members.repository';

/** The people who talk with bots. They are made in chat; here they get a role and attributes. */
@Injectable()
export class MembersService {
  constructor(
    private readonly members: MembersRepository,
    private readonly changes: ChangeLog,
  ) {}

  async list({ tenantId }: Caller, query: ListMembersDto): Promise<Page<MemberView>> {
    const { name, identity, role, limit } = query;
    const after = readCursor(query.cursor, byCreation);
    const filter = { name, identity, role, after, limit: rowsWanted(limit) };
    const rows = await this.members.list(tenantId, filter);
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<MemberView> {
    return view(present(await this.members.find(tenantId, id)));
  }

  update(caller: Caller, id: string, patch: Record<string, unknown>): Promise<MemberView> {
    const { tenantId } = caller;
    return this.changes.write(caller, { action: 'member.update' }, async (tx) => {
      const row = present(await this.members.lock(tx, tenantId, id));
      const merged = memberFields.safeParse(mergePatch(fieldsOf(row), patch));
      if (!merged.success) throw new InvalidInputError(fieldErrors(merged.error));
      await this.members.update(tx, tenantId, id, merged.data);
      const after = view(present(await this.members.find(tenantId, id, tx)));
      return { result: after, resourceId: id, before: view(row), after };
    });
  }
}

function present(row: MemberRow | undefined): MemberRow {
  if (!row) throw new NotFoundError('member');
  return row;
}

const fieldsOf = ({ name, role, locale, attributes }: MemberRow) => ({
  ...{ name, role, attributes },
  ...(locale === null ? {} : { locale }),
});

const view = (row: MemberRow): MemberView => ({
  id: row.id,
  name: row.name,
  role: row.role,
  locale: row.locale,
  attributes: row.attributes,
  identities: row.identities,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
