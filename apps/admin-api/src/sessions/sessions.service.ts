import { Injectable } from '@nestjs/common';

import type { Caller } from '../auth/caller.decorator';
import { NotFoundError } from '../http/api.errors';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { toSearchPage } from '../http/search-window';
import { iso, isoOrNull } from '../http/wire';
import {
  type ListMessagesDto,
  type ListSessionsDto,
  messagePosition,
  type MessageView,
  type SessionView,
} from './sessions.dto';
import { type MessageRow, type SessionRow, SessionsRepository } from './sessions.repository';

/** Who talks with which bot about what. Read only: conversations are made in chat. */
@Injectable()
export class SessionsService {
  constructor(private readonly sessions: SessionsRepository) {}

  async list({ tenantId }: Caller, query: ListSessionsDto): Promise<Page<SessionView>> {
    const { channelId, memberId, q, limit } = query;
    const after = readCursor(query.cursor, byCreation);
    const end = q === undefined ? undefined : await this.sessions.windowEnd(tenantId, after);
    const filter = { channelId, memberId, q, after, end, limit: rowsWanted(limit) };
    const rows = await this.sessions.list(tenantId, filter);
    return toSearchPage(rows, limit, {
      view,
      position: (row) => [row.cursor_at, row.id],
      windowEnd: end ?? null,
    });
  }

  async get({ tenantId }: Caller, id: string): Promise<SessionView> {
    const row = await this.sessions.find(tenantId, id);
    if (!row) throw new NotFoundError('session');
    return view(row);
  }

  async messages(
    caller: Caller,
    id: string,
    { limit, cursor }: ListMessagesDto,
  ): Promise<Page<MessageView>> {
    await this.get(caller, id);
    const after = readCursor(cursor, messagePosition);
    const rows = await this.sessions.messages(caller.tenantId, id, after, rowsWanted(limit));
    return toPage(rows, limit, {
      view: viewOfMessage,
      position: (row) => [row.turn_seq, String(row.role === 'assistant'), row.id],
    });
  }
}

const view = (row: SessionRow): SessionView => ({
  id: row.id,
  channelId: row.channel_id,
  memberId: row.member_id,
  memberName: row.member_name,
  conversation: {
    id: row.conversation_id,
    platformId: row.platform_id,
    kind: row.kind,
    title: row.conversation_title,
  },
  number: row.number,
  title: row.title,
  current: row.is_current,
  startedAt: iso(row.started_at),
  lastActivityAt: iso(row.last_activity_at),
  endedAt: isoOrNull(row.ended_at),
});

const viewOfMessage = (row: MessageRow): MessageView => ({
  id: row.id,
  turnId: row.turn_id,
  role: row.role,
  text: row.text,
  createdAt: iso(row.created_at),
});
