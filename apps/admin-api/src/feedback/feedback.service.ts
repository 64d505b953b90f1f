import { Injectable } from '@nestjs/common';

import type { Caller } from '../auth/caller.decorator';
import { csvCell } from '../http/csv';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { iso } from '../http/wire';
import type { FeedbackFilter, FeedbackView, ListFeedbackDto } from './feedback.dto';
import { FeedbackRepository, type FeedbackRow } from './feedback.repository';

/** Rows of one export; more are asked for by `since`. */
const MAX_EXPORTED = 50_000;
const COLUMNS = [
  'createdAt',
  'kind',
  'text',
  'channelId',
  'turnId',
  'agentVersionId',
  'memberId',
  'id',
] as const;

/** What people say of answers. */
@Injectable()
export class FeedbackService {
  constructor(private readonly feedback: FeedbackRepository) {}

  async list(
    { tenantId }: Caller,
    { limit, cursor, ...filter }: ListFeedbackDto,
  ): Promise<Page<FeedbackView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.feedback.list(tenantId, filter, after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  /** As CSV (RFC 4180), newest first. */
  async csv({ tenantId }: Caller, filter: FeedbackFilter): Promise<string> {
    const rows = await this.feedback.list(tenantId, filter, null, MAX_EXPORTED);
    const lines = rows.map((row) => {
      const seen = view(row);
      return COLUMNS.map((name) => csvCell(seen[name] ?? '')).join(',');
    });
    return [COLUMNS.join(','), ...lines, ''].join('\r\n');
  }
}

const view = (row: FeedbackRow): FeedbackView => ({
  id: row.id,
  kind: row.kind,
  text: row.text,
  channelId: row.channel_id,
  turnId: row.turn_id,
  agentVersionId: row.agent_version_id,
  memberId: row.member_id,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
