import { Injectable } from '@nestjs/common';

import { CardShow } from '../card/card-show.service';
import { WordsOnCard } from '../card/words-on-card.service';
import { TurnWatch } from '../following/turn-watch.service';
import { TextLadder } from '../text/text-ladder.service';
import { CARD_LIMITS, MESSAGE_LIMITS, numbered, splitMarkdown } from '../text/text-splitter';
import type { ClaimedDelivery, DeliveryEnd } from './claimed-delivery';
import { DeliveryRepository } from './delivery.repository';

/** Makes the answer of a turn visible: card at once, words as they come, the committed text at the end; else text. */
@Injectable()
export class AnswerDelivery {
  constructor(
    private readonly cards: CardShow,
    private readonly words: WordsOnCard,
    private readonly watch: TurnWatch,
    private readonly texts: TextLadder,
    private readonly deliveries: DeliveryRepository,
  ) {}

  async show(
    delivery: ClaimedDelivery,
    turn: NonNullable<ClaimedDelivery['turn']>,
  ): Promise<DeliveryEnd> {
    const followed = this.watch.follow(turn.id, turn.attempt);
    try {
      const opened = await this.hasCard(delivery);
      const { end, card } = await this.words.until(followed, delivery, opened);
      if (delivery.cardState === 'finished') return await this.restOf(delivery, end.text);
      if (card && (await this.finishCard(delivery, end.text)))
        return await this.restOf(delivery, end.text);
      // Before the text goes out: a crash after it must not end in the card showing the answer too.
      if (opened && !card) await this.deliveries.setCardState(delivery, 'debt');
      return await this.asText(delivery, end.text, opened);
    } finally {
      this.watch.unfollow(turn.id);
    }
  }

  private async hasCard({ cardState, ...delivery }: ClaimedDelivery): Promise<boolean> {
    if (cardState === 'creating') {
      // Our own intent, which saving calls takes back; or that of somebody who died: the identical call settles it.
      if (!delivery.asText || delivery.attempt > 1)
        return this.cards.create({ ...delivery, cardState });
      await this.deliveries.setCardState({ ...delivery, cardState }, 'refused');
      return false;
    }
    return cardState === 'open' || cardState === 'finalising';
  }

  private async finishCard(delivery: ClaimedDelivery, text: string): Promise<boolean> {
    const pieces = numbered(splitMarkdown(text, CARD_LIMITS));
    const isFinished = await this.cards.finish(delivery, pieces[0] ?? text);
    // With more to come the card's end is written down, so that a crash does not end it twice.
    if (isFinished && pieces.length > 1) await this.deliveries.setCardState(delivery, 'finished');
    return isFinished;
  }

  /** What did not fit into the card follows as messages. */
  private async restOf(delivery: ClaimedDelivery, text: string): Promise<DeliveryEnd> {
    const [, ...rest] = numbered(splitMarkdown(text, CARD_LIMITS));
    if (rest.length > 0) await this.texts.send(delivery, rest, 2);
    return { state: 'delivered', way: 'card', cardState: 'finished', error: null };
  }

  private async asText(
    delivery: ClaimedDelivery,
    text: string,
    hadCard: boolean,
  ): Promise<DeliveryEnd> {
    const way = await this.texts.send(delivery, numbered(splitMarkdown(text, MESSAGE_LIMITS)));
    const hasDebt = hadCard || delivery.cardState === 'debt' || delivery.cardState === 'finalising';
    const isPaid = hasDebt && (await this.cards.payDebt(delivery));
    const cardState = hasDebt ? (isPaid ? 'finished' : 'debt') : null;
    return { state: 'delivered', way: way ?? 'robot', cardState, error: null };
  }
}
