import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import type { Caller } from '../auth/caller.decorator';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { iso, isoOrNull } from '../http/wire';
import {
  type ClickRow,
  NoticeRecipientsRepository,
  type RecipientRow,
} from './notice-recipients.repository';
import { present, viewOfNotice } from './notice-view';
import type {
  ClickView,
  ListClicksDto,
  ListNoticesDto,
  ListRecipientsDto,
  NoticeView,
  RecipientView,
} from './notices.dto';
import { NoticesRepository } from './notices.repository';

const byNumber = z.tuple([z.string().regex(/^\d{1,9}$/)]);

/** What became of notices. */
@Injectable()
export class NoticeReading {
  constructor(
    private readonly notices: NoticesRepository,
    private readonly recipientRows: NoticeRecipientsRepository,
  ) {}

  async list(
    { tenantId }: Caller,
    { limit, cursor, channelId, state }: ListNoticesDto,
  ): Promise<Page<NoticeView>> {
    const after = readCursor(cursor, byCreation);
    const filter = { channelId, state, after, limit: rowsWanted(limit) };
    const rows = await this.notices.list(tenantId, filter);
    return toPage(rows, limit, {
      view: viewOfNotice,
      position: (row) => [row.cursor_at, row.id],
    });
  }

  async get({ tenantId }: Caller, id: string): Promise<NoticeView> {
    return viewOfNotice(present(await this.notices.find(tenantId, id)));
  }

  async recipients(
    { tenantId }: Caller,
    id: string,
    { limit, cursor, state }: ListRecipientsDto,
  ): Promise<Page<RecipientView>> {
    present(await this.notices.find(tenantId, id));
    const after = readCursor(cursor, byNumber);
    const rows = await this.recipientRows.list(tenantId, id, state, after, rowsWanted(limit));
    return toPage(rows, limit, { view: recipientView, position: ({ n }) => [String(n)] });
  }

  async clicks(
    { tenantId }: Caller,
    id: string,
    { limit, cursor }: ListClicksDto,
  ): Promise<Page<ClickView>> {
    present(await this.notices.find(tenantId, id));
    const after = readCursor(cursor, byCreation);
    const rows = await this.recipientRows.clicks(tenantId, id, after, rowsWanted(limit));
    return toPage(rows, limit, { view: clickView, position: (row) => [row.cursor_at, row.id] });
  }
}

const recipientView = (row: RecipientRow): RecipientView => ({
  id: row.id,
  kind: row.kind,
  memberId: row.member_id,
  address: row.address,
  state: row.state,
  error: row.error_code,
  possiblyTwice: row.possibly_twice,
  sentAt: isoOrNull(row.sent_at),
  recall: row.recall && { state: row.recall, error: row.recall_error },
  receipt: row.receipt && {
    state: row.receipt,
    readers: row.readers,
    at: isoOrNull(row.receipt_at),
  },
});

const clickView = (row: ClickRow): ClickView => ({
  id: row.id,
  recipientId: row.recipient_id,
  buttonId: row.button_id,
  staffId: row.staff_id,
  memberId: row.member_id,
  clickedAt: iso(row.clicked_at),
});
