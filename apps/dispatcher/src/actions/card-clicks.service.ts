import { Inject, Injectable } from '@nestjs/common';

import { isUuid } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { EventEnd, LooseClick } from '../loose/loose-event';
import { CARD_ACTIONS } from './card-actions';
import type { CardActionHandler, CardClick } from './card-action.port';
import { ClickedCardRepository } from './clicked-card.repository';
import { NoticeClicks } from './notice-clicks.service';

/**
 * Finds what a click means and whether its clicker may: only the asker or an administrator. Whatever is unknown, foreign
 * or not theirs is ignored, and the event says why.
 */
@Injectable()
export class CardClicks {
  private readonly handlers: ReadonlyMap<string, CardActionHandler>;

  constructor(
    @Inject(CARD_ACTIONS) handlers: readonly CardActionHandler[],
    private readonly cards: ClickedCardRepository,
    private readonly notices: NoticeClicks,
  ) {
    this.handlers = new Map(handlers.map((handler) => [handler.action, handler]));
    if (this.handlers.size !== handlers.length) throw new RangeError('two handlers of one action');
  }

  async apply(event: LooseClick, tx: Tx): Promise<EventEnd> {
    const ofNotice = await this.notices.apply(event, tx);
    if (ofNotice) return ofNotice;
    const handler = this.handlers.get(event.content.action ?? '');
    if (!handler) return { cause: 'card_action_unknown' };
    const params = handler.params.safeParse(event.content.params);
    if (!params.success) return { cause: 'card_params_invalid' };
    const click = await this.clickOf(event, tx);
    if ('cause' in click) return click;
    return handler.apply({ ...click, params: params.data }, tx);
  }

  private async clickOf(
    { id, tenantId, channel, content }: LooseClick,
    tx: Tx,
  ): Promise<Omit<CardClick<unknown>, 'params'> | EventEnd> {
    const { outTrackId, userId, corpId } = content;
    // Our cards are named by their delivery; in Postgres ids are lower case.
    const deliveryId = outTrackId.toLowerCase();
    const card = isUuid(deliveryId)
      ? await this.cards.card(tx, tenantId, channel.id, deliveryId)
      : null;
    if (!card) return { cause: 'card_unknown' };

    const isAsker = userId !== null && userId === card.targetStaffId;
    const realms = corpId === null ? [channel.id] : [corpId, channel.id];
    const person =
      isAsker || userId === null ? null : await this.cards.person(tx, tenantId, realms, userId);
    if (!isAsker && !person?.isAdmin) return { cause: 'card_not_theirs' };

    const turn = await this.cards.lockTurn(tx, tenantId, card.threadId, deliveryId);
    if (!turn) return { cause: 'card_unknown' };
    const memberId = isAsker ? turn.memberId : (person?.memberId ?? null);
    return {
      ...{ eventId: id, tenantId, channel, deliveryId, turn },
      clicker: { memberId, isAsker },
    };
  }
}
