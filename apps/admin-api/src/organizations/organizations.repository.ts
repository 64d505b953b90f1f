import { Injectable } from '@nestjs/common';

import type { CardPace } from '@common/domain';
import { type AllowanceRow, Database, type Tx } from '@common/persistence';

import type { OrganizationFields } from './organizations.dto';

export interface OrganizationRow {
  id: string;
  corp_id: string;
  name: string;
  edition: OrganizationFields['edition'];
  api_calls_per_month: number | null;
  messages_per_month: number | null;
  learned: boolean;
  created_at: Date;
  updated_at: Date;
  revision: number;
  cursor_at: string;
  allowance: AllowanceRow;
  pace: CardPace;
  api_refused: boolean;
  message_refused: boolean;
}

const COLUMNS = `id, corp_id, name, edition, api_calls_per_month, messages_per_month, learned, created_at, updated_at,
  revision, created_at::text AS cursor_at, 'smooth' AS pace,
  allowance_report(id, edition, api_calls_per_month, messages_per_month) AS allowance,
  COALESCE((SELECT bool_or(allowance_refused(c.tenant_id, c.id, 'api')) FROM channel c
    WHERE c.organization_id = organization.id), false) AS api_refused,
  COALESCE((SELECT bool_or(allowance_refused(c.tenant_id, c.id, 'message')) FROM channel c
    WHERE c.organization_id = organization.id), false) AS message_refused`;
const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

@Injectable()
export class OrganizationsRepository {
  constructor(private readonly database: Database) {}

  list(
    tenantId: string,
    after: readonly string[] | null,
    limit: number,
  ): Promise<OrganizationRow[]> {
    return this.database.inTenantOnce<OrganizationRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM organization WHERE ${LIVE}
          AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
        ORDER BY created_at, id LIMIT $4`,
      [tenantId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(tenantId: string, id: string): Promise<OrganizationRow | undefined> {
    const [row] = await this.database.inTenantOnce<OrganizationRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM organization WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
    return row;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<OrganizationRow | undefined> {
    const [row] = await tx.query<OrganizationRow>(
      `SELECT ${COLUMNS} FROM organization WHERE ${LIVE} AND id = $2 FOR NO KEY UPDATE`,
      [tenantId, id],
    );
    return row;
  }

  /** One that was learned becomes the caller's. @returns undefined when somebody set this organisation up already */
  async insert(
    tx: Tx,
    tenantId: string,
    id: string,
    fields: OrganizationFields,
  ): Promise<OrganizationRow | undefined> {
    const [row] = await tx.query<OrganizationRow>(
      `INSERT INTO organization (tenant_id, id, corp_id, name, edition, api_calls_per_month, messages_per_month)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant_id, corp_id) WHERE deleted_at IS NULL DO UPDATE
           SET name = EXCLUDED.name, edition = EXCLUDED.edition, api_calls_per_month = EXCLUDED.api_calls_per_month,
               messages_per_month = EXCLUDED.messages_per_month, learned = false, updated_at = now(),
               revision = organization.revision + 1
         WHERE organization.learned
        RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(fields)],
    );
    return row;
  }

  async update(
    tx: Tx,
    tenantId: string,
    id: string,
    fields: OrganizationFields,
  ): Promise<OrganizationRow> {
    const [row] = await tx.query<OrganizationRow>(
      `UPDATE organization SET corp_id = $3, name = $4, edition = $5, api_calls_per_month = $6,
          messages_per_month = $7, learned = false, updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(fields)],
    );
    return row as OrganizationRow;
  }

  /** Somebody acted: what was said of its allowances is to be found out anew. */
  async forgetWarnings(tx: Tx, tenantId: string, id: string): Promise<void> {
    await tx.query(
      `DELETE FROM channel_notice n USING channel c
        WHERE n.tenant_id = $1 AND c.id = n.channel_id AND c.tenant_id = $1 AND c.organization_id = $2
          AND n.code IN ('quota_exhausted', 'allowance_low')`,
      [tenantId, id],
    );
    await tx.query(
      'UPDATE organization_usage SET told = 0 WHERE tenant_id = $1 AND organization_id = $2',
      [tenantId, id],
    );
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<void> {
    await tx.query(`UPDATE organization SET deleted_at = now() WHERE ${LIVE} AND id = $2`, [
      tenantId,
      id,
    ]);
  }

  async channelUsing(tx: Tx, tenantId: string, id: string): Promise<string | undefined> {
    const [row] = await tx.query<{ name: string }>(
      `SELECT name FROM channel WHERE ${LIVE} AND organization_id = $2 LIMIT 1`,
      [tenantId, id],
    );
    return row?.name;
  }
}

const values = (fields: OrganizationFields): unknown[] => [
  fields.corpId,
  fields.name,
  fields.edition,
  fields.apiCallsPerMonth ?? null,
  fields.messagesPerMonth ?? null,
];
