import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

export interface Colleague {
  readonly name: string;
  readonly title?: string;
}

interface Row {
  name: string;
  attributes: { title?: unknown };
}

const MOST = 10;

/**
 * People as the asker may see them: of their own organisation, not those who are hidden, and those who show themselves to
 * some departments only to people of these. No ids, not even of departments: the words go to a model.
 */
@Injectable()
export class DirectoryRepository {
  constructor(private readonly database: Database) {}

  async find(
    { tenantId, memberId }: { readonly tenantId: string; readonly memberId: string },
    name: string,
  ): Promise<Colleague[]> {
    const rows = await this.database.inTenantOnce<Row>(
      tenantId,
      { name: 'directory.find', text: FIND },
      [tenantId, name.slice(0, 100), memberId],
    );
    return rows.map(({ name: known, attributes: { title } }) => ({
      name: known,
      ...(typeof title === 'string' && { title }),
    }));
  }
}

const FIND = `
SELECT m.name, m.attributes FROM member m JOIN member me ON me.tenant_id = $1 AND me.id = $3
 WHERE m.tenant_id = $1 AND m.name <> '' AND position(lower($2) IN lower(m.name)) > 0
   AND (m.id = me.id OR (
     m.attributes -> 'hidden' IS DISTINCT FROM 'true'::jsonb
     AND EXISTS (SELECT 1 FROM identity mine JOIN identity theirs
                     ON theirs.tenant_id = $1 AND theirs.member_id = m.id AND theirs.kind = 'staff' AND theirs.realm = mine.realm
                  WHERE mine.tenant_id = $1 AND mine.member_id = me.id AND mine.kind = 'staff')
     AND CASE jsonb_typeof(m.attributes -> 'visibleTo')
           WHEN 'array' THEN EXISTS (SELECT 1 FROM jsonb_array_elements_text(m.attributes -> 'visibleTo') v (department)
                                      WHERE me.attributes -> 'departments' ? v.department)
           ELSE true END))
 ORDER BY m.name, m.id LIMIT ${MOST}`;
