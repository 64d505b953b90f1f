import { Injectable } from '@nestjs/common';

import { DingTalkClient, DingTalkError } from '@common/dingtalk';
import { Logger } from '@common/logging';

import { type CallKind, PlatformCalls } from '../platform/platform-calls.service';
import { wasNotSent } from '../platform/was-not-sent';
import type { ClaimedNotice } from './claimed-notice';
import { SentNoticeRepository, type SentMessageRow } from './sent-notice.repository';

const DIRECT: CallKind = { path: '/v1.0/robot/oToMessages/readStatus', purpose: 'notice' };
const GROUP: CallKind = { path: '/v1.0/robot/groupMessages/query', purpose: 'notice' };
const BATCH = 20;
/** Pages of 200 readers: more people are in no group that a robot may be in. */
const MAX_PAGES = 50;

/** Asks who has read a notice, when somebody wants to know (messaging reference §5.6). */
@Injectable()
export class NoticeReceipts {
  constructor(
    private readonly platform: DingTalkClient,
    private readonly calls: PlatformCalls,
    private readonly sent: SentNoticeRepository,
    private readonly logger: Logger,
  ) {}

  async collect(notice: ClaimedNotice, stopping: AbortSignal): Promise<void> {
    for (;;) {
      const messages = await this.sent.asked(notice, 'receipt', BATCH);
      if (messages.length === 0) return;
      for (const message of messages) {
        if (stopping.aborted) return;
        await this.sent.read(notice, message, await this.readersOf(notice, message));
      }
    }
  }

  private async readersOf(
    notice: ClaimedNotice,
    message: SentMessageRow,
  ): Promise<readonly string[] | null> {
    try {
      return message.conversationId === null
        ? await this.people(notice, message.messageKey)
        : await this.group(notice, message.messageKey, message.conversationId);
    } catch (error) {
      if (wasNotSent(error) || !(error instanceof DingTalkError)) throw error;
      this.logger.warn('readers not known', { noticeId: notice.id, code: error.code, error });
      return null;
    }
  }

  private people({ robotCode, caller }: ClaimedNotice, key: string): Promise<readonly string[]> {
    return this.calls.repeatable(caller, DIRECT, (app, options) =>
      this.platform.sent.readersOf(app, { robotCode, key }, options),
    );
  }

  private async group(
    { robotCode, caller }: ClaimedNotice,
    key: string,
    openConversationId: string,
  ): Promise<readonly string[]> {
    const readers: string[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const what = { robotCode, key, openConversationId, nextToken };
      const answer = await this.calls.repeatable(caller, GROUP, (app, options) =>
        this.platform.sent.readersInGroup(app, what, options),
      );
      readers.push(...answer.userIds);
      if (answer.nextToken === null) break;
      nextToken = answer.nextToken;
    }
    return readers;
  }
}
