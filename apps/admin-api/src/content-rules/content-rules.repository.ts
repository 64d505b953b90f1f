import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import type { ContentRuleFields } from './content-rules.dto';

export interface ContentRuleRow {
  id: string;
  name: string;
  channel_id: string | null;
  direction: ContentRuleFields['direction'];
  action: ContentRuleFields['action'];
  words: string[];
  kinds: ContentRuleFields['kinds'];
  enabled: boolean;
  created_at: Date;
  updated_at: Date;
  revision: number;
  cursor_at: string;
}

const COLUMNS = `id, name, channel_id, direction, action, words, kinds, enabled, created_at, updated_at, revision, created_at::text AS cursor_at`;
const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

@Injectable()
export class ContentRulesRepository {
  constructor(private readonly database: Database) {}

  list(
    tenantId: string,
    after: readonly string[] | null,
    limit: number,
  ): Promise<ContentRuleRow[]> {
    return this.database.inTenantOnce<ContentRuleRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM content_rule WHERE ${LIVE}
          AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
        ORDER BY created_at, id LIMIT $4`,
      [tenantId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(tenantId: string, id: string): Promise<ContentRuleRow | undefined> {
    const [row] = await this.database.inTenantOnce<ContentRuleRow>(
      tenantId,
      `SELECT ${COLUMNS} FROM content_rule WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
    return row;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<ContentRuleRow | undefined> {
    const [row] = await tx.query<ContentRuleRow>(
      `SELECT ${COLUMNS} FROM content_rule WHERE ${LIVE} AND id = $2 FOR NO KEY UPDATE`,
      [tenantId, id],
    );
    return row;
  }

  async insert(
    tx: Tx,
    tenantId: string,
    id: string,
    fields: ContentRuleFields,
  ): Promise<ContentRuleRow> {
    const [row] = await tx.query<ContentRuleRow>(
      `INSERT INTO content_rule (tenant_id, id, name, channel_id, direction, action, words, kinds, enabled)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(fields)],
    );
    return row as ContentRuleRow;
  }

  async update(
    tx: Tx,
    tenantId: string,
    id: string,
    fields: ContentRuleFields,
  ): Promise<ContentRuleRow> {
    const [row] = await tx.query<ContentRuleRow>(
      `UPDATE content_rule SET name = $3, channel_id = $4, direction = $5, action = $6, words = $7, kinds = $8, enabled = $9,
          updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${COLUMNS}`,
      [tenantId, id, ...values(fields)],
    );
    return row as ContentRuleRow;
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<void> {
    await tx.query(`UPDATE content_rule SET deleted_at = now() WHERE ${LIVE} AND id = $2`, [
      tenantId,
      id,
    ]);
  }
}

const values = (fields: ContentRuleFields): unknown[] => [
  fields.name,
  fields.channelId ?? null,
  fields.direction,
  fields.action,
  fields.words,
  fields.kinds,
  fields.enabled,
];
