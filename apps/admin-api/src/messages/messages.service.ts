import { Readable } from 'node:stream';

import { Injectable } from '@nestjs/common';

import type { Caller } from '../auth/caller.decorator';
import { byCreation, type Page, readCursor, rowsWanted } from '../http/page';
import { toSearchPage } from '../http/search-window';
import { iso } from '../http/wire';
import type { FoundMessage, MessageFilter, SearchMessagesDto } from './messages.dto';
import { type FoundRow, MessagesRepository } from './messages.repository';

/** Messages that an export holds in memory at a time. */
const BATCH = 500;

/** What was said, whoever said it where: found by its words, or taken out whole. */
@Injectable()
export class MessagesService {
  constructor(private readonly messages: MessagesRepository) {}

  async search(
    { tenantId }: Caller,
    { limit, cursor, ...filter }: SearchMessagesDto,
  ): Promise<Page<FoundMessage>> {
    const after = readCursor(cursor, byCreation);
    const end = await this.messages.windowEnd(tenantId, filter, after);
    const rows = await this.messages.search(tenantId, filter, { after, end }, rowsWanted(limit));
    return toSearchPage(rows, limit, {
      view,
      position: (row) => [row.cursor_at, row.id],
      windowEnd: isPast(end, filter.since) ? null : (end ?? null),
    });
  }

  /**
   * One JSON object a line, newest first; a batch at a time, as fast as it is taken. The first is there when this resolves, so
   * that what fails at once is told as any failure.
   */
  async export(caller: Caller, filter: MessageFilter): Promise<Readable> {
    const batches = this.batches(caller, filter);
    const first = await batches.next();
    const all = async function* (): AsyncGenerator<string> {
      if (first.done) return;
      yield first.value;
      yield* batches;
    };
    // A batch is a chunk: no more than one waits for a slow reader.
    return Readable.from(all(), { highWaterMark: 1 });
  }

  private async *batches({ tenantId }: Caller, filter: MessageFilter): AsyncGenerator<string> {
    let after: readonly string[] | null = null;
    for (;;) {
      const end = await this.messages.windowEnd(tenantId, filter, after);
      const rows = await this.messages.search(tenantId, filter, { after, end }, BATCH);
      if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(view(row))}\n`).join('');
      const last = rows.at(-1);
      const isFull = rows.length === BATCH && last !== undefined;
      if (!isFull && (end === undefined || isPast(end, filter.since))) return;
      after = isFull ? [last.cursor_at, last.id] : (end ?? null);
    }
  }
}

/** Whether everything beyond is older than what is looked for. */
const isPast = (end: readonly string[] | undefined, since: string | undefined): boolean =>
  end !== undefined && since !== undefined && new Date(String(end[0])) < new Date(since);

const view = (row: FoundRow): FoundMessage => ({
  id: row.id,
  sessionId: row.session_id,
  turnId: row.turn_id,
  channelId: row.channel_id,
  memberId: row.member_id,
  role: row.role,
  text: row.text,
  createdAt: iso(row.created_at),
});
