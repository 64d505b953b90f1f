import { Injectable } from '@nestjs/common';

import type { CardPace } from '@common/domain';
import { type AllowanceRow, Database, type Tx } from '@common/persistence';

import { type ColumnValues, type LiveRow, LiveRows } from '../resources/live-rows';
import type { OrganizationFields } from './organizations.dto';

export interface OrganizationRow extends LiveRow {
  corp_id: string;
  name: string;
  edition: OrganizationFields['edition'];
  api_calls_per_month: number | null;
  messages_per_month: number | null;
  learned: boolean;
  allowance: AllowanceRow;
  pace: CardPace;
  api_refused: boolean;
  message_refused: boolean;
}

const COLUMNS = `corp_id, name, edition, api_calls_per_month, messages_per_month, learned,
  'smooth' AS pace,
  allowance_report(id, edition, api_calls_per_month, messages_per_month) AS allowance,
  COALESCE((SELECT bool_or(allowance_refused(c.tenant_id, c.id, 'api')) FROM channel c
    WHERE c.organization_id = organization.id), false) AS api_refused,
  COALESCE((SELECT bool_or(allowance_refused(c.tenant_id, c.id, 'message')) FROM channel c
    WHERE c.organization_id = organization.id), false) AS message_refused`;

@Injectable()
export class OrganizationsRepository extends LiveRows<OrganizationRow, OrganizationFields> {
  constructor(database: Database) {
    super(database, { name: 'organization', columns: COLUMNS });
  }

  /** One that was learned becomes the caller's. @returns undefined when somebody set this organisation up already */
  async create(
    tx: Tx,
    tenantId: string,
    id: string,
    fields: OrganizationFields,
  ): Promise<OrganizationRow | undefined> {
    const [row] = await tx.query<OrganizationRow & Record<string, unknown>>(
      `INSERT INTO organization (tenant_id, id, corp_id, name, edition, api_calls_per_month, messages_per_month)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant_id, corp_id) WHERE deleted_at IS NULL DO UPDATE
           SET name = EXCLUDED.name, edition = EXCLUDED.edition, api_calls_per_month = EXCLUDED.api_calls_per_month,
               messages_per_month = EXCLUDED.messages_per_month, learned = false, updated_at = now(),
               revision = organization.revision + 1
         WHERE organization.learned
        RETURNING ${this.columns}`,
      [
        ...[tenantId, id, fields.corpId, fields.name, fields.edition],
        ...[fields.apiCallsPerMonth ?? null, fields.messagesPerMonth ?? null],
      ],
    );
    return row;
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

  async channelUsing(tx: Tx, tenantId: string, id: string): Promise<string | undefined> {
    const [row] = await tx.query<{ name: string }>(
      `SELECT name FROM channel WHERE tenant_id = $1 AND deleted_at IS NULL AND organization_id = $2 LIMIT 1`,
      [tenantId, id],
    );
    return row?.name;
  }

  protected valuesOf(fields: OrganizationFields): ColumnValues {
    return {
      corp_id: fields.corpId,
      name: fields.name,
      edition: fields.edition,
      api_calls_per_month: fields.apiCallsPerMonth ?? null,
      messages_per_month: fields.messagesPerMonth ?? null,
      learned: false,
    };
  }
}
