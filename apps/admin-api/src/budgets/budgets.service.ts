import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { ChangeLog } from '../changes/change-log';
import { iso } from '../http/wire';
import { PlainResource } from '../resources/plain-resource';
import { type BudgetFields, budgetFields, type budgetView } from './budgets.dto';
import { type BudgetRow, BudgetsRepository } from './budgets.repository';

export type BudgetView = z.output<typeof budgetView>;

/** What may be spent: a warning first, then a stop. */
@Injectable()
export class BudgetsService extends PlainResource<BudgetRow, BudgetFields, BudgetView> {
  constructor(budgets: BudgetsRepository, changes: ChangeLog) {
    super(budgets, changes, {
      name: 'budget',
      schema: budgetFields,
      ...{ fieldsOf, view },
      references: ({ channelId, memberId }) => [
        { path: 'channelId', target: 'channel', id: channelId },
        { path: 'memberId', target: 'member', id: memberId },
      ],
    });
  }
}

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
