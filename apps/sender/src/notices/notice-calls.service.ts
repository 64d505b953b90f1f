import { Injectable } from '@nestjs/common';

import { DingTalkClient, NOTICE_TEMPLATE } from '@common/dingtalk';

import { type CallKind, PlatformCalls } from '../platform/platform-calls.service';
import type { ClaimedNotice, Parcel, Recipient, RecipientEnd } from './claimed-notice';
import { cardOf, messageOf, titleOf } from './notice-message';

const TO_PEOPLE: CallKind = { path: '/v1.0/robot/oToMessages/batchSend', purpose: 'notice' };
const TO_GROUP: CallKind = { path: '/v1.0/robot/groupMessages/send', purpose: 'notice' };
const CARD: CallKind = { path: '/v1.0/card/instances/createAndDeliver', purpose: 'notice' };

/** What a call did: to each recipient, and the platform's name of the message. */
export interface ParcelEnd {
  readonly ends: readonly RecipientEnd[];
  readonly messageKey: string | null;
}

/** The calls that a notice goes out by (messaging reference §5.3, §5.4, §6.4). */
@Injectable()
export class NoticeCalls {
  constructor(
    private readonly platform: DingTalkClient,
    private readonly calls: PlatformCalls,
  ) {}

  /** @throws DingTalkError · LeaseLostError · EgressStoppedError */
  send(notice: ClaimedNotice, parcel: Parcel): Promise<ParcelEnd> {
    if (notice.kind === 'card') return this.sendCard(notice, parcel);
    return parcel.kind === 'group'
      ? this.sendToGroup(notice, parcel)
      : this.sendToPeople(notice, parcel);
  }

  private async sendToPeople(
    notice: ClaimedNotice,
    { isRepeated, recipients }: Parcel,
  ): Promise<ParcelEnd> {
    const userIds = recipients.map(({ address }) => address);
    const message = { ...this.messageOf(notice, isRepeated), userIds };
    const { invalid, flowControlled, processQueryKey } = await this.calls.once(
      notice.caller,
      TO_PEOPLE,
      (app, options) => this.platform.robots.sendToUsers(app, message, options),
    );
    const endOf = ({ id, address }: Recipient): RecipientEnd => {
      if (invalid.includes(address)) return { id, state: 'invalid', code: 'recipient_rejected' };
      return flowControlled.includes(address)
        ? { id, state: 'later', code: 'flow_controlled' }
        : { id, state: 'sent', code: null };
    };
    return { ends: recipients.map(endOf), messageKey: processQueryKey };
  }

  private async sendToGroup(notice: ClaimedNotice, parcel: Parcel): Promise<ParcelEnd> {
    const { id, address: openConversationId } = only(parcel);
    const message = { ...this.messageOf(notice, parcel.isRepeated), openConversationId };
    const { processQueryKey } = await this.calls.once(notice.caller, TO_GROUP, (app, options) =>
      this.platform.robots.sendToGroup(app, message, options),
    );
    return { ends: [{ id, state: 'sent', code: null }], messageKey: processQueryKey };
  }

  /** The card is named by its recipient: making it again makes no second one. */
  private async sendCard(notice: ClaimedNotice, parcel: Parcel): Promise<ParcelEnd> {
    const { id, address } = only(parcel);
    const { robotCode } = notice;
    const card = {
      outTrackId: id,
      templateId: NOTICE_TEMPLATE,
      params: cardOf(notice),
      target:
        parcel.kind === 'group'
          ? ({ kind: 'group', conversationId: address, robotCode } as const)
          : ({ kind: 'direct', userId: address, robotCode } as const),
      lastMessage: titleOf(notice),
    };
    const { delivered, processQueryKey } = await this.calls.repeatable(
      notice.caller,
      CARD,
      (app, options) => this.platform.cards.create(app, card, options),
    );
    const end = delivered
      ? ({ id, state: 'sent', code: null } as const)
      : ({ id, state: 'failed', code: 'card_not_delivered' } as const);
    return { ends: [end], messageKey: processQueryKey ?? null };
  }

  private messageOf(notice: ClaimedNotice, isRepeated: boolean) {
    return { robotCode: notice.robotCode, content: messageOf(notice, isRepeated) };
  }
}

function only({ recipients: [one] }: Parcel): Recipient {
  if (!one) throw new RangeError('a parcel without recipients');
  return one;
}
