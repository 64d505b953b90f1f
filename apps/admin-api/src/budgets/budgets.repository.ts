import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import { type ColumnValues, type LiveRow, LiveRows } from '../resources/live-rows';
import type { BudgetFields } from './budgets.dto';

export interface BudgetRow extends LiveRow {
  scope: BudgetFields['scope'];
  channel_id: string | null;
  member_id: string | null;
  period: BudgetFields['period'];
  unit: BudgetFields['unit'];
  soft: number | null;
  hard: number | null;
}

const COLUMNS =
  'scope, channel_id, member_id, period, unit, soft::float8 AS soft, hard::float8 AS hard';

@Injectable()
export class BudgetsRepository extends LiveRows<BudgetRow, BudgetFields> {
  constructor(database: Database) {
    super(database, { name: 'budget', columns: COLUMNS });
  }

  protected valuesOf(fields: BudgetFields): ColumnValues {
    return {
      scope: fields.scope,
      channel_id: fields.channelId ?? null,
      member_id: fields.memberId ?? null,
      period: fields.period,
      unit: fields.unit,
      soft: fields.soft ?? null,
      hard: fields.hard ?? null,
    };
  }
}
