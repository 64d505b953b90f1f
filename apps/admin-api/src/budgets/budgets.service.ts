import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { newId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { NotFoundError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { mergePatch } from '../http/merge-patch';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { checkReferences } from '../http/references';
import { iso } from '../http/wire';
import {
  type BudgetFields,
  budgetFields,
  type budgetView,
  type ListBudgetsDto,
} from './budgets.dto';
import { type BudgetRow, BudgetsRepository } from './budgets.repository';

export type BudgetView = z.output<typeof budgetView>;

/** What may be spent: a warning first, then a stop. */
@Injectable()
export class BudgetsService {
  constructor(
    private readonly budgets: BudgetsRepository,
    private readonly changes: ChangeLog,
  ) {}

  async list({ tenantId }: Caller, { limit, cursor }: ListBudgetsDto): Promise<Page<BudgetView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.budgets.list(tenantId, after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<BudgetView> {
    return view(present(await this.budgets.find(tenantId, id)));
  }

  create(caller: Caller, fields: BudgetFields): Promise<BudgetView> {
    return this.changes.write(caller, { action: 'budget.create' }, async (tx) => {
      await checkFields(tx, caller.tenantId, fields);
      const row = await this.budgets.insert(tx, caller.tenantId, newId(), fields);
      return { result: view(row), resourceId: row.id, after: view(row) };
    });
  }

  update(
    caller: Caller,
    id: string,
    patch: Record<string, unknown>,
    ifMatch: string | undefined,
  ): Promise<BudgetView> {
    return this.changes.write(caller, { action: 'budget.update' }, async (tx) => {
      const row = present(await this.budgets.lock(tx, caller.tenantId, id));
      checkRevision(row.revision, ifMatch);
      const fields = budgetFields.parse(mergePatch(fieldsOf(row), patch));
      await checkFields(tx, caller.tenantId, fields);
      const after = view(await this.budgets.update(tx, caller.tenantId, id, fields));
      return { result: after, resourceId: id, before: view(row), after };
    });
  }

  async delete(caller: Caller, id: string, ifMatch: string | undefined): Promise<void> {
    await this.changes.write(caller, { action: 'budget.delete' }, async (tx) => {
      const row = present(await this.budgets.lock(tx, caller.tenantId, id));
      checkRevision(row.revision, ifMatch);
      await this.budgets.delete(tx, caller.tenantId, id);
      return { result: undefined, resourceId: id, before: view(row) };
    });
  }
}

function present(row: BudgetRow | undefined): BudgetRow {
  if (!row) throw new NotFoundError('budget');
  return row;
}

const checkFields = (tx: Tx, tenantId: string, fields: BudgetFields): Promise<void> =>
  checkReferences(tx, tenantId, [
    { path: 'channelId', target: 'channel', id: fields.channelId },
    { path: 'memberId', target: 'member', id: fields.memberId },
  ]);

const fieldsOf = (row: BudgetRow) => ({
  scope: row.scope,
  ...(row.channel_id === null ? {} : { channelId: row.channel_id }),
  ...(row.member_id === null ? {} : { memberId: row.member_id }),
  period: row.period,
  unit: row.unit,
  ...(row.soft === null ? {} : { soft: row.soft }),
  ...(row.hard === null ? {} : { hard: row.hard }),
});

const view = (row: BudgetRow): BudgetView => ({
  id: row.id,
  scope: row.scope,
  channelId: row.channel_id,
  memberId: row.member_id,
  period: row.period,
  unit: row.unit,
  soft: row.soft,
  hard: row.hard,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  revision: row.revision,
});
