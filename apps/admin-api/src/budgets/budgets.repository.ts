import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import type { BudgetFields } from './budgets.dto';

export interface BudgetRow {
  id: string;
  scope: BudgetFields['scope'];
  channel_id: string | null;
  member_id: string | null;
  period: BudgetFields['period'];
  unit: BudgetFields['unit'];
  soft: number | null;
  hard: number | null;
  created_at: Date;
  updated_at: Date;
  revision: number;
  cursor_at: string;
}

const COLUMNS = `id, scope, channel_id, member_id, period, unit, soft::float8 AS soft, hard::float8 AS hard, created_at, updated_at, revision, created_at::text AS cursor_at`;
const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

@Injectable()
export class BudgetsRepository {
  constructor(private readonly database: Database) {}

  list(tenantId: string, after: readonly string[] | null, limit: number): Promise<BudgetRow[]> {
    return this.database.inTenantOnce<BudgetRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM budget WHERE ${LIVE}
          AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
        ORDER BY created_at, id LIMIT $4`,
      [tenantId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(tenantId: string, id: string): Promise<BudgetRow | undefined> {
    const [row] = await this.database.inTenantOnce<BudgetRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM budget WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
    return row;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<BudgetRow | undefined> {
    const [row] = await tx.query<BudgetRow>(
      `SELECT ${COLUMNS} FROM budget WHERE ${LIVE} AND id = $2 FOR NO KEY UPDATE`,
      [tenantId, id],
    );
    return row;
  }

  async insert(tx: Tx, tenantId: string, id: string, fields: BudgetFields): Promise<BudgetRow> {
    const [row] = await tx.query<BudgetRow>(
      `INSERT INTO budget (tenant_id, id, scope, channel_id, member_id, period, unit, soft, hard)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(fields)],
    );
    return row as BudgetRow;
  }

  async update(tx: Tx, tenantId: string, id: string, fields: BudgetFields): Promise<BudgetRow> {
    const [row] = await tx.query<BudgetRow>(
      `UPDATE budget SET scope = $3, channel_id = $4, member_id = $5, period = $6, unit = $7, soft = $8, hard = $9,
          updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(fields)],
    );
    return row as BudgetRow;
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<void> {
    await tx.query(`UPDATE budget SET deleted_at = now() WHERE ${LIVE} AND id = $2`, [
      tenantId,
      id,
    ]);
  }
}

const values = (fields: BudgetFields): unknown[] => [
  fields.scope,
  fields.channelId ?? null,
  fields.memberId ?? null,
  fields.period,
  fields.unit,
  fields.soft ?? null,
  fields.hard ?? null,
];
