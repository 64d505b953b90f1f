import { Injectable } from '@nestjs/common';

import { chosenParams, DingTalkClient, DingTalkError } from '@common/dingtalk';
import { say } from '@common/domain';
import { Logger } from '@common/logging';

import { type CallKind, PlatformCalls } from '../platform/platform-calls.service';
import { wasNotSent } from '../platform/was-not-sent';
import type { ClaimedNotice } from './claimed-notice';
import { type ClickedCardRow, SentNoticeRepository } from './sent-notice.repository';

const UPDATE: CallKind = { path: '/v1.0/card/instances', purpose: 'notice' };
const BATCH = 20;
/** People that a card names; of more it shows the last ones. */
const MAX_NAMED = 20;

/** A card says below its text what was clicked on it: by its person, or by whom of a group. */
@Injectable()
export class NoticeClicks {
  constructor(
    private readonly platform: DingTalkClient,
    private readonly calls: PlatformCalls,
    private readonly sent: SentNoticeRepository,
    private readonly logger: Logger,
  ) {}

  async show(notice: ClaimedNotice, stopping: AbortSignal): Promise<void> {
    for (;;) {
      const cards = await this.sent.clicked(notice, BATCH);
      if (cards.length === 0) return;
      for (const card of cards) {
        if (stopping.aborted) return;
        await this.update(notice, card);
        await this.sent.shown(notice, card);
      }
    }
  }

  private async update(notice: ClaimedNotice, card: ClickedCardRow): Promise<void> {
    const params = chosenParams(chosenOn(card, notice));
    try {
      await this.calls.repeatable(notice.caller, UPDATE, (app, options) =>
        this.platform.cards.update(app, { outTrackId: card.recipientId, params }, options),
      );
    } catch (error) {
      if (wasNotSent(error) || !(error instanceof DingTalkError)) throw error;
      // The click is kept; only the card does not say so.
      this.logger.warn('click not shown', { noticeId: notice.id, code: error.code, error });
    }
  }
}

/** The last button of each person. */
function chosenOn({ kind, clicks }: ClickedCardRow, { content, locale }: ClaimedNotice): string {
  const labelOf = (id: string): string =>
    content.buttons.find((button) => button.id === id)?.label ?? id;
  const byPerson = new Map<string, string>();
  for (const { name, buttonId } of clicks) {
    byPerson.delete(name);
    byPerson.set(name, labelOf(buttonId));
  }
  const chosen = [...byPerson].slice(-MAX_NAMED);
  return kind === 'person'
    ? say('noticeChosen', locale, { label: chosen.at(-1)?.[1] ?? '' })
    : chosen.map(([name, label]) => say('noticeChosenBy', locale, { name, label })).join('；');
}
