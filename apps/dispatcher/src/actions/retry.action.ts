import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { reaskTurn, type Tx } from '@common/persistence';

import { judgeAccess, judgeQuestion, type Refusal } from '../asking/access-gate';
import { AskersRepository } from '../asking/askers.repository';
import type { EventEnd } from '../loose/loose-event';
import { CardActionHandler, type CardClick } from './card-action.port';
import { ClickedCardRepository } from './clicked-card.repository';

const params = z.looseObject({});
type Params = z.output<typeof params>;
const ENDED = new Set(['delivered', 'failed', 'cancelled']);

/** Asks the card's question again, in a card of its own; that counts as a question. Clicked twice while the retry runs, it is one retry. */
@Injectable()
export class RetryAction extends CardActionHandler<Params> {
  readonly action = 'retry';
  readonly params = params;

  constructor(
    private readonly cards: ClickedCardRepository,
    private readonly askers: AskersRepository,
  ) {
    super();
  }

  async apply(click: CardClick<Params>, tx: Tx): Promise<EventEnd> {
    const { tenantId, turn } = click;
    if (!ENDED.has(turn.state)) return { cause: 'card_turn_running', turnId: turn.id };
    const refused = await this.refusal(click, tx);
    if (refused) return { cause: `card_${refused.key}`, turnId: turn.id };
    const { turnId, isNew, work } = await reaskTurn(tx, tenantId, turn.id);
    if (!isNew) return { cause: 'card_retry_running', turnId };
    await this.askers.take(tx, click, turn.memberId, 'question');
    return { cause: 'card_retry', turnId, aftermath: { works: [work] } };
  }

  /** An old card opens no door that was closed since: it is the asker's turn again, under the rules of now. */
  private async refusal(click: CardClick<Params>, tx: Tx): Promise<Refusal | null> {
    const { tenantId, turn, deliveryId } = click;
    const claim = await this.cards.claim(tx, tenantId, deliveryId);
    if (!claim) return null;
    const channel = { ...click.channel, access: claim.channel.access };
    const occasion = { tenantId, channel, threadId: turn.threadId };
    const asker = await this.askers.know(tx, occasion, turn.memberId);
    return judgeAccess(claim, asker) ?? judgeQuestion(claim, asker);
  }
}
