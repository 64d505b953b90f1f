import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import { likePattern, SEARCH_WINDOW } from '../http/search-window';

export interface SessionRow {
  id: string;
  channel_id: string;
  member_id: string | null;
  member_name: string | null;
  conversation_id: string;
  platform_id: string;
  kind: 'direct' | 'group';
  conversation_title: string | null;
  number: number;
  title: string | null;
  is_current: boolean;
  started_at: Date;
  last_activity_at: Date;
  ended_at: Date | null;
  cursor_at: string;
}

export interface MessageRow {
  id: string;
  turn_id: string;
  turn_seq: string;
  role: 'user' | 'assistant';
  text: string;
  created_at: Date;
}

export interface SessionFilter {
  readonly channelId: string | undefined;
  readonly memberId: string | undefined;
  readonly q: string | undefined;
  readonly after: readonly string[] | null;
  /** Of a search: the last session it looks at. */
  readonly end: readonly string[] | undefined;
  readonly limit: number;
}

const SELECT = `SELECT s.id, t.channel_id, t.member_id, m.name AS member_name, c.id AS conversation_id,
    c.platform_id, c.kind, c.title AS conversation_title, s.number, s.title,
    t.current_session_id = s.id AND s.ended_at IS NULL AS is_current,
    s.started_at, s.last_activity_at, s.ended_at, s.last_activity_at::text AS cursor_at
  FROM session s JOIN thread t ON t.id = s.thread_id JOIN conversation c ON c.id = t.conversation_id
    LEFT JOIN member m ON m.id = t.member_id
  WHERE s.tenant_id = $1`;

@Injectable()
export class SessionsRepository {
  constructor(private readonly database: Database) {}

  /** The last session of a search's window; undefined: there are fewer. */
  async windowEnd(
    tenantId: string,
    after: readonly string[] | null,
  ): Promise<readonly [string, string] | undefined> {
    const [bound] = await this.database.inTenantOnce<{ at: string; id: string }>(
      tenantId,
      `SELECT last_activity_at::text AS at, id FROM session
        WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR (last_activity_at, id) < ($2, $3::uuid))
        ORDER BY last_activity_at DESC, id DESC OFFSET ${SEARCH_WINDOW - 1} LIMIT 1`,
      [tenantId, after?.[0] ?? null, after?.[1] ?? null],
    );
    return bound && [bound.at, bound.id];
  }

  list(tenantId: string, filter: SessionFilter): Promise<SessionRow[]> {
    return this.database.inTenantOnce<SessionRow>(
      tenantId,
      `${SELECT} AND ($2::uuid IS NULL OR t.channel_id = $2) AND ($3::uuid IS NULL OR t.member_id = $3)
          AND ($4::timestamptz IS NULL OR (s.last_activity_at, s.id) < ($4, $5::uuid))
          AND ($7::timestamptz IS NULL OR (s.last_activity_at, s.id) >= ($7, $8::uuid))
          AND ($9::text IS NULL OR s.title ILIKE $9 OR m.name ILIKE $9 OR c.title ILIKE $9)
        ORDER BY s.last_activity_at DESC, s.id DESC LIMIT $6`,
      [
        tenantId,
        filter.channelId ?? null,
        filter.memberId ?? null,
        filter.after?.[0] ?? null,
        filter.after?.[1] ?? null,
        filter.limit,
        ...[filter.end?.[0] ?? null, filter.end?.[1] ?? null],
        filter.q === undefined ? null : likePattern(filter.q),
      ],
    );
  }

  async find(tenantId: string, id: string): Promise<SessionRow | undefined> {
    const [row] = await this.database.inTenantOnce<SessionRow>(
      tenantId,
      `${SELECT} AND s.id = $2`,
      [tenantId, id],
    );
    return row;
  }

  /** Questions before their answers, in the order of the turns. */
  messages(
    tenantId: string,
    sessionId: string,
    after: readonly string[] | null,
    limit: number,
  ): Promise<MessageRow[]> {
    return this.database.inTenantOnce<MessageRow>(
      tenantId,
      `SELECT id, turn_id, turn_seq, role, text, created_at FROM message
        WHERE tenant_id = $1 AND session_id = $2
          AND ($3::bigint IS NULL OR (turn_seq, role = 'assistant', id) > ($3, $4::boolean, $5::uuid))
        ORDER BY turn_seq, role DESC, id LIMIT $6`,
      [tenantId, sessionId, after?.[0] ?? null, after?.[1] ?? null, after?.[2] ?? null, limit],
    );
  }
}
