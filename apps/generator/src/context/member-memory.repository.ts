import { Injectable } from '@nestjs/common';

import { newId, storableText } from '@common/kernel';
import { Database } from '@common/persistence';

/** Where memory is read or written: what was learned in a direct chat stays there. */
export interface MemoryPlace {
  readonly tenantId: string;
  readonly memberId: string;
  readonly isDirect: boolean;
}

const MOST = 50;
const LONGEST = 500;

/** What is remembered of a person. In a group only what was learned in groups, or marked as shared by the person. */
@Injectable()
export class MemberMemory {
  constructor(private readonly database: Database) {}

  async all({ tenantId, memberId, isDirect }: MemoryPlace): Promise<string[]> {
    const rows = await this.database.inTenantOnce<{ text: string }>(
      tenantId,
      {
        name: 'memory.all',
        text: `SELECT text FROM member_memory
          WHERE tenant_id = $1 AND member_id = $2 AND ($3 OR shared OR origin = 'group') ORDER BY created_at, id LIMIT ${MOST}`,
      },
      [tenantId, memberId, isDirect],
    );
    return rows.map(({ text }) => text);
  }

  /** The same fact is remembered once. @returns false when there is no room */
  async add({ tenantId, memberId, isDirect }: MemoryPlace, fact: string): Promise<boolean> {
    const rows = await this.database.inTenantOnce<{ kept: boolean }>(tenantId, ADD, [
      newId(),
      tenantId,
      memberId,
      storableText(fact).slice(0, LONGEST),
      isDirect ? 'direct' : 'group',
    ]);
    return rows[0]?.kept ?? false;
  }

  async remove({ tenantId, memberId, isDirect }: MemoryPlace, fact: string): Promise<boolean> {
    const rows = await this.database.inTenantOnce(
      tenantId,
      `DELETE FROM member_memory WHERE tenant_id = $1 AND member_id = $2 AND text = $3
          AND ($4 OR shared OR origin = 'group') RETURNING id`,
      [tenantId, memberId, fact.slice(0, LONGEST), isDirect],
    );
    return rows.length > 0;
  }
}

const ADD = `
WITH known AS (
  SELECT count(*) AS n, COALESCE(bool_or(text = $4 AND origin = $5), false) AS has FROM member_memory
   WHERE tenant_id = $2 AND member_id = $3
), added AS (
  INSERT INTO member_memory (id, tenant_id, member_id, text, origin)
  SELECT $1, $2, $3, $4, $5 FROM known WHERE NOT has AND n < ${MOST} RETURNING id
)
SELECT has OR EXISTS (SELECT 1 FROM added) AS kept FROM known`;
