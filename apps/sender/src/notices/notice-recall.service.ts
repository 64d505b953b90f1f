import { Injectable } from '@nestjs/common';

import { DingTalkClient, DingTalkError, MAX_KEYS_PER_CALL } from '@common/dingtalk';
import { Logger } from '@common/logging';

import { type CallKind, PlatformCalls } from '../platform/platform-calls.service';
import { wasNotSent } from '../platform/was-not-sent';
import type { ClaimedNotice } from './claimed-notice';
import { SentNoticeRepository, type SentMessageRow } from './sent-notice.repository';

const DIRECT: CallKind = { path: '/v1.0/robot/otoMessages/batchRecall', purpose: 'notice' };
const GROUP: CallKind = { path: '/v1.0/robot/groupMessages/recall', purpose: 'notice' };

/** Takes back what was sent (messaging reference §5.6). Taking back again changes nothing. */
@Injectable()
export class NoticeRecall {
  constructor(
    private readonly platform: DingTalkClient,
    private readonly calls: PlatformCalls,
    private readonly sent: SentNoticeRepository,
    private readonly logger: Logger,
  ) {}

  async recall(notice: ClaimedNotice, stopping: AbortSignal): Promise<void> {
    for (;;) {
      const messages = await this.sent.asked(notice, 'recall', MAX_KEYS_PER_CALL);
      const [first] = messages;
      if (!first || stopping.aborted) return;
      const { kind, conversationId } = first;
      const together = messages.filter(
        (one) => one.kind === kind && one.conversationId === conversationId,
      );
      await this.take(notice, first, [...new Set(together.map(({ messageKey }) => messageKey))]);
    }
  }

  private async take(
    notice: ClaimedNotice,
    { kind, conversationId }: SentMessageRow,
    keys: readonly string[],
  ): Promise<void> {
    const { robotCode, caller } = notice;
    const where = conversationId === null ? {} : { openConversationId: conversationId };
    try {
      const { recalled, failed } = await this.calls.repeatable(
        caller,
        kind === 'group' ? GROUP : DIRECT,
        (app, options) => this.platform.sent.recall(app, { robotCode, keys, ...where }, options),
      );
      const silent = keys.filter((key) => !recalled.includes(key) && failed[key] === undefined);
      const untold = Object.fromEntries(silent.map((key) => [key, 'not_confirmed']));
      await this.sent.recalled(notice, keys, { ...untold, ...failed });
    } catch (error) {
      if (wasNotSent(error) || !(error instanceof DingTalkError)) throw error;
      this.logger.warn('notice not recalled', { noticeId: notice.id, code: error.code, error });
      const why = error.platformCode ?? error.code;
      await this.sent.recalled(notice, keys, Object.fromEntries(keys.map((key) => [key, why])));
    }
  }
}
