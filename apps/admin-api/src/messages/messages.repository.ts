import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import { likePattern, SEARCH_WINDOW } from '../http/search-window';
import type { MessageFilter } from './messages.dto';

export interface FoundRow {
  id: string;
  session_id: string;
  turn_id: string;
  channel_id: string;
  member_id: string;
  role: 'user' | 'assistant';
  text: string;
  created_at: Date;
  cursor_at: string;
}

interface Bound {
  at: string;
  id: string;
}

/** Messages of a tenant, newest first, window by window: no search reads more than its window. */
@Injectable()
export class MessagesRepository {
  constructor(private readonly database: Database) {}

  /** The last message of the window that begins after this one; undefined: there are fewer. */
  async windowEnd(
    tenantId: string,
    { sessionId, until }: MessageFilter,
    after: readonly string[] | null,
  ): Promise<readonly [string, string] | undefined> {
    const [bound] = await this.database.inTenantOnce<Bound & Record<string, unknown>>(
      tenantId,
      { name: 'messages.window', text: WINDOW_END },
      [tenantId, sessionId ?? null, until ?? null, after?.[0] ?? null, after?.[1] ?? null],
    );
    return bound && [bound.at, bound.id];
  }

  search(
    tenantId: string,
    filter: MessageFilter,
    between: {
      readonly after: readonly string[] | null;
      readonly end: readonly string[] | undefined;
    },
    limit: number,
  ): Promise<FoundRow[]> {
    return this.database.inTenantOnce<FoundRow & Record<string, unknown>>(tenantId, SEARCH, [
      ...[tenantId, filter.sessionId ?? null, filter.until ?? null],
      ...[between.after?.[0] ?? null, between.after?.[1] ?? null],
      ...[between.end?.[0] ?? null, between.end?.[1] ?? null],
      ...[filter.since ?? null, filter.role ?? null, filter.channelId ?? null],
      ...[filter.memberId ?? null, filter.q === undefined ? null : likePattern(filter.q), limit],
    ]);
  }
}

const FROM_CURSOR = `m.tenant_id = $1 AND ($2::uuid IS NULL OR m.session_id = $2)
    AND ($3::timestamptz IS NULL OR m.created_at < $3)
    AND ($4::timestamptz IS NULL OR (m.created_at, m.id) < ($4, $5::uuid))`;

const WINDOW_END = `SELECT m.created_at::text AS at, m.id FROM message m WHERE ${FROM_CURSOR}
  ORDER BY m.created_at DESC, m.id DESC OFFSET ${SEARCH_WINDOW - 1} LIMIT 1`;

const SEARCH = `SELECT m.id, m.session_id, m.turn_id, t.channel_id, t.member_id, m.role, m.text, m.created_at,
    m.created_at::text AS cursor_at
  FROM message m JOIN turn t ON t.tenant_id = m.tenant_id AND t.id = m.turn_id
  WHERE ${FROM_CURSOR} AND ($6::timestamptz IS NULL OR (m.created_at, m.id) >= ($6, $7::uuid))
    AND ($8::timestamptz IS NULL OR m.created_at >= $8) AND ($9::text IS NULL OR m.role = $9)
    AND ($10::uuid IS NULL OR t.channel_id = $10) AND ($11::uuid IS NULL OR t.member_id = $11)
    AND ($12::text IS NULL OR m.text ILIKE $12)
  ORDER BY m.created_at DESC, m.id DESC LIMIT $13`;
