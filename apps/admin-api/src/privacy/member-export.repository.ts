import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

type Line = Record<string, unknown>;

/** All that is kept of one person, as one object a line. */
@Injectable()
export class MemberExportRepository {
  constructor(private readonly database: Database) {}

  async exists(tenantId: string, memberId: string): Promise<boolean> {
    const rows = await this.database.inTenantOnce(
      ...([
        tenantId,
        'SELECT 1 FROM member WHERE tenant_id = $1 AND id = $2',
        [tenantId, memberId],
      ] as const),
    );
    return rows.length > 0;
  }

  /** Who the person is, what is remembered, said of answers and sent: little enough for one statement. */
  async person(tenantId: string, memberId: string): Promise<Line[]> {
    const rows = await this.database.inTenantOnce<{ line: Line }>(tenantId, PERSON, [
      tenantId,
      memberId,
    ]);
    return rows.map(({ line }) => line);
  }

  /** Questions and answers after this one, in order. */
  async messages(
    tenantId: string,
    memberId: string,
    after: string | null,
    most: number,
  ): Promise<Line[]> {
    const rows = await this.database.inTenantOnce<{ line: Line }>(tenantId, MESSAGES, [
      ...[tenantId, memberId, after, most],
    ]);
    return rows.map(({ line }) => line);
  }
}

const PERSON = `
SELECT jsonb_build_object('type', 'member', 'id', m.id, 'name', m.name, 'role', m.role, 'locale', m.locale,
    'attributes', m.attributes, 'createdAt', m.created_at) AS line
  FROM member m WHERE m.tenant_id = $1 AND m.id = $2
UNION ALL SELECT jsonb_build_object('type', 'identity', 'kind', i.kind, 'realm', i.realm, 'value', i.value, 'createdAt', i.created_at)
  FROM identity i WHERE i.tenant_id = $1 AND i.member_id = $2
UNION ALL SELECT jsonb_build_object('type', 'memory', 'text', r.text, 'origin', r.origin, 'shared', r.shared, 'createdAt', r.created_at)
  FROM member_memory r WHERE r.tenant_id = $1 AND r.member_id = $2
UNION ALL SELECT jsonb_build_object('type', 'feedback', 'kind', f.kind, 'text', f.text, 'turnId', f.turn_id, 'createdAt', f.created_at)
  FROM feedback f WHERE f.tenant_id = $1 AND f.member_id = $2
UNION ALL SELECT jsonb_build_object('type', 'file', 'name', f.name, 'kind', f.kind, 'mediaType', f.media_type, 'bytes', f.bytes,
    'state', f.state, 'text', f.text, 'turnId', f.turn_id, 'createdAt', f.created_at)
  FROM file f WHERE f.tenant_id = $1 AND f.member_id = $2`;

const MESSAGES = `
SELECT jsonb_build_object('type', 'message', 'id', m.id, 'role', m.role, 'text', m.text, 'parts', m.parts, 'turnId', m.turn_id,
    'sessionId', m.session_id, 'channelId', t.channel_id, 'createdAt', m.created_at) AS line
  FROM turn t JOIN message m ON m.turn_id = t.id
 WHERE t.tenant_id = $1 AND t.member_id = $2 AND ($3::uuid IS NULL OR m.id > $3) ORDER BY m.id LIMIT $4`;
