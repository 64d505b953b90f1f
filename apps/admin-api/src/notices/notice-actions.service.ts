import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError } from '../http/api.errors';
import { NoticeRecipientsRepository } from './notice-recipients.repository';
import { NoticeWaker } from './notice-waker.service';
import { present, viewOfNotice } from './notice-view';
import type { NoticeView } from './notices.dto';
import { type NoticeRow, NoticesRepository } from './notices.repository';

/** What can be done about a notice. Asked twice it is the same; the senders do it, the recipients show how it went. */
@Injectable()
export class NoticeActions {
  constructor(
    private readonly notices: NoticesRepository,
    private readonly recipients: NoticeRecipientsRepository,
    private readonly changes: ChangeLog,
    private readonly waker: NoticeWaker,
  ) {}

  cancel(caller: Caller, id: string): Promise<NoticeView> {
    return this.change(caller, id, 'notice.cancel', async (tx, row) => {
      if (row.state === 'sent')
        throw new ConflictError('notice_sent', 'The notice was sent; it can be recalled.');
      await this.recipients.cancelWaiting(tx, caller.tenantId, id);
    });
  }

  recall(caller: Caller, id: string): Promise<NoticeView> {
    return this.change(caller, id, 'notice.recall', async (tx, row) => {
      if (row.state !== 'sent') await this.recipients.cancelWaiting(tx, caller.tenantId, id);
      await this.recipients.askBack(tx, caller.tenantId, id);
    });
  }

  receipts(caller: Caller, id: string): Promise<NoticeView> {
    return this.change(caller, id, 'notice.receipts', async (tx) => {
      if ((await this.recipients.askReceipts(tx, caller.tenantId, id)) === 0)
        throw new ConflictError(
          'notice_without_receipts',
          'Nothing of this notice was sent in the last 24 hours.',
        );
    });
  }

  retry(caller: Caller, id: string): Promise<NoticeView> {
    return this.change(caller, id, 'notice.retry', async (tx, row) => {
      if (row.recall_requested_at !== null)
        throw new ConflictError('notice_recalled', 'The notice was taken back.');
      if ((await this.recipients.tryAgain(tx, caller.tenantId, id)) === 0)
        throw new ConflictError('notice_not_retryable', 'Everybody who can have it has it.');
    });
  }

  private async change(
    caller: Caller,
    id: string,
    action: string,
    work: (tx: Tx, row: NoticeRow) => Promise<void>,
  ): Promise<NoticeView> {
    const { tenantId } = caller;
    let wake = 0;
    const view = await this.changes.write(caller, { action }, async (tx) => {
      const before = present(await this.notices.lock(tx, tenantId, id));
      await work(tx, before);
      wake = await this.recipients.wake(tx, tenantId, id);
      const result = viewOfNotice(present(await this.notices.find(tenantId, id, tx)));
      return { result, resourceId: id, before: viewOfNotice(before), after: result };
    });
    await this.waker.wake(tenantId, id, wake);
    return view;
  }
}
