import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { Clock, newId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ApiError, ConflictError, InvalidInputError } from '../http/api.errors';
import { checkReferences } from '../http/references';
import { NoticeRecipientsRepository } from './notice-recipients.repository';
import { NoticeWaker } from './notice-waker.service';
import { present, viewOfNotice } from './notice-view';
import { MAX_RECIPIENTS, noticeFields, type NoticeFields, type NoticeView } from './notices.dto';
import { type NewNotice, type NoticeRow, NoticesRepository } from './notices.repository';

/** What one member is told. */
export interface Telling {
  readonly channelId: string;
  readonly memberId: string;
  readonly title: string;
  readonly text: string;
}

/** Takes notices: written down with all their recipients in one transaction, sent by the senders. */
@Injectable()
export class NoticesService {
  constructor(
    private readonly notices: NoticesRepository,
    private readonly recipients: NoticeRecipientsRepository,
    private readonly changes: ChangeLog,
    private readonly waker: NoticeWaker,
    private readonly clock: Clock,
  ) {}

  async create(caller: Caller, fields: NoticeFields): Promise<NoticeView> {
    const { tenantId } = caller;
    const notice = newNotice(fields);
    let isNew = false;
    const view = await this.changes.write(caller, { action: 'notice.create' }, async (tx) => {
      isNew = await this.insert(tx, caller, fields, notice);
      const row = isNew
        ? present(await this.notices.find(tenantId, notice.id, tx))
        : await this.sameAs(tx, tenantId, notice);
      const result = viewOfNotice(row);
      return { result, resourceId: result.id, after: result };
    });
    const isDue = notice.sendAt === null || notice.sendAt.getTime() <= this.clock.now();
    if (isNew && isDue) await this.waker.wake(tenantId, notice.id, 0);
    return view;
  }

  /**
   * Writes a plain notice to one member into a transaction that has its own reason: as that is kept, so is this. Wake it
   * after the commit.
   * @returns its id; null when nobody can be written to, or the channel is off
   */
  async tell(
    tx: Tx,
    tenantId: string,
    { channelId, memberId, title, text }: Telling,
  ): Promise<string | null> {
    const fields = noticeFields.parse({ channelId, title, text, to: { memberIds: [memberId] } });
    const notice = newNotice(fields);
    const channel = await tx.query(ENABLED, [tenantId, channelId]);
    if (channel.length === 0) return null;
    await this.notices.insert(tx, tenantId, notice);
    await this.recipients.insert(tx, tenantId, notice.id, fields);
    return notice.id;
  }

  /** @returns whether it is new */
  private async insert(
    tx: Tx,
    { tenantId }: Caller,
    fields: NoticeFields,
    notice: NewNotice,
  ): Promise<boolean> {
    await checkReferences(tx, tenantId, [
      { path: 'channelId', target: 'channel', id: fields.channelId },
    ]);
    await checkEnabled(tx, tenantId, fields.channelId);
    if (!(await this.notices.insert(tx, tenantId, notice))) return false;
    const strangers = await this.recipients.strangers(tx, tenantId, fields.to.memberIds);
    if (strangers.length > 0)
      throw refused('to.memberIds', `there is no such member: ${strangers.join(', ')}`);
    const count = await this.recipients.insert(tx, tenantId, notice.id, fields);
    if (count === 0) throw refused('to', 'names nobody');
    if (count > MAX_RECIPIENTS) throw refused('to', `names more than ${MAX_RECIPIENTS}`);
    return true;
  }

  /** @throws ApiError when the key stands for something else */
  private async sameAs(tx: Tx, tenantId: string, notice: NewNotice): Promise<NoticeRow> {
    const row = present(await this.notices.byKey(tx, tenantId, notice.idempotencyKey ?? ''));
    if (row.request_hash !== notice.requestHash)
      throw new ApiError(
        422,
        'idempotency_key_reused',
        'This idempotencyKey was used for another notice.',
      );
    return row;
  }
}

const newNotice = (fields: NoticeFields): NewNotice => ({
  id: newId(),
  channelId: fields.channelId,
  kind: fields.kind,
  content: {
    title: fields.title,
    text: fields.text,
    buttons: fields.buttons,
    isAiGenerated: fields.isAiGenerated,
  },
  sendAt: fields.sendAt === undefined ? null : new Date(fields.sendAt),
  idempotencyKey: fields.idempotencyKey ?? null,
  requestHash: createHash('sha256').update(JSON.stringify(fields)).digest('hex'),
});

const ENABLED = 'SELECT 1 FROM channel WHERE tenant_id = $1 AND id = $2 AND enabled';

async function checkEnabled(tx: Tx, tenantId: string, channelId: string): Promise<void> {
  const rows = await tx.query(ENABLED, [tenantId, channelId]);
  if (rows.length === 0) throw new ConflictError('channel_disabled', 'The channel is disabled.');
}

const refused = (path: string, message: string): InvalidInputError =>
  new InvalidInputError([{ path, message }]);
