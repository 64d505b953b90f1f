import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import type { MemberFields, MemberView } from './members.dto';

export interface MemberRow {
  id: string;
  name: string;
  role: MemberFields['role'];
  locale: MemberView['locale'];
  attributes: MemberFields['attributes'];
  identities: MemberView['identities'];
  created_at: Date;
  updated_at: Date;
  cursor_at: string;
}

export interface MemberFilter {
  readonly name: string | undefined;
  readonly identity: string | undefined;
  readonly role: string | undefined;
  readonly after: readonly string[] | null;
  readonly limit: number;
}

const SELECT = `SELECT m.id, m.name, m.role, m.locale, m.attributes, m.created_at, m.updated_at,
    m.created_at::text AS cursor_at,
    COALESCE((SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'realm', i.realm, 'value', i.value) ORDER BY i.created_at)
      FROM identity i WHERE i.tenant_id = m.tenant_id AND i.member_id = m.id), '[]') AS identities
  FROM member m WHERE m.tenant_id = $1`;

@Injectable()
export class MembersRepository {
  constructor(private readonly database: Database) {}

  list(tenantId: string, filter: MemberFilter): Promise<MemberRow[]> {
    return this.database.inTenantOnce<MemberRow>(
      tenantId,
      `${SELECT} AND ($2::text IS NULL OR strpos(lower(m.name), lower($2)) > 0)
          AND ($3::text IS NULL OR m.id IN (SELECT i.member_id FROM identity i WHERE i.tenant_id = $1 AND i.value = $3))
          AND ($4::text IS NULL OR m.role = $4)
          AND ($5::timestamptz IS NULL OR (m.created_at, m.id) > ($5, $6::uuid))
        ORDER BY m.created_at, m.id LIMIT $7`,
      [
        ...[tenantId, filter.name ?? null, filter.identity ?? null, filter.role ?? null],
        ...[filter.after?.[0] ?? null, filter.after?.[1] ?? null, filter.limit],
      ],
    );
  }

  async find(tenantId: string, id: string, tx?: Tx): Promise<MemberRow | undefined> {
    const text = `${SELECT} AND m.id = $2`;
    const [row] = tx
      ? await tx.query<MemberRow>(text, [tenantId, id])
      : await this.database.inTenantOnce<MemberRow>(tenantId, text, [tenantId, id]);
    return row;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<MemberRow | undefined> {
    await tx.query('SELECT 1 FROM member WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE', [
      ...[tenantId, id],
    ]);
    return this.find(tenantId, id, tx);
  }

  async update(tx: Tx, tenantId: string, id: string, fields: MemberFields): Promise<void> {
    await tx.query(
      `UPDATE member SET name = $3, role = $4, locale = $5, attributes = $6, updated_at = now()
        WHERE tenant_id = $1 AND id = $2`,
      [
        ...[tenantId, id, fields.name, fields.role, fields.locale ?? null],
        JSON.stringify(fields.attributes),
      ],
    );
  }
}
