import { Injectable } from '@nestjs/common';

import { MAX_ATTEMPTS, say } from '@common/domain';

import { AnswerFiles } from '../files/answer-files.service';
import { CardShow } from '../card/card-show.service';
import { WordsOnCard } from '../card/words-on-card.service';
import type { TurnEnd } from '../following/followed-turn';
import { TurnWatch } from '../following/turn-watch.service';
import { TextLadder } from '../text/text-ladder.service';
import { UndeliverableError } from '../text/undeliverable.error';
import { cardPieces, messagePieces, withMark } from '../text/answer-pieces';
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
    private readonly files: AnswerFiles,
    private readonly deliveries: DeliveryRepository,
  ) {}

  async show(
    delivery: ClaimedDelivery,
    turn: NonNullable<ClaimedDelivery['turn']>,
  ): Promise<DeliveryEnd> {
    const followed = this.watch.follow(turn.id, turn.attempt);
    try {
      // Even an answer that is given up has to be there first: its turn ends with its delivery.
      const isGivenUp = delivery.attempt > MAX_ATTEMPTS;
      const opened = !isGivenUp && (await this.hasCard(delivery));
      const { end: ended, card } = await this.words.until(followed, delivery, opened);
      if (isGivenUp) throw new UndeliverableError('attempts_exhausted');
      const end = await this.files.upload(delivery, ended);
      if (delivery.cardState === 'finished') return await this.restOf(delivery, end);
      if (card && (await this.finishCard(delivery, end))) return await this.restOf(delivery, end);
      // Before the text goes out: a crash after it must not end in the card showing the answer too.
      if (opened && !card) await this.deliveries.setCardState(delivery, 'debt');
      return await this.asText(delivery, end, opened);
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

  private async finishCard(delivery: ClaimedDelivery, end: TurnEnd): Promise<boolean> {
    const { card, rest } = cardPieces(end.text);
    const isFailed = end.outcome === 'failed';
    const isFinished = await this.cards.finish(delivery, card, {
      mark: markOf(delivery, end),
      isFailed,
    });
    // With more to come the card's end is written down, so that a crash does not end it twice.
    if (isFinished && (rest.length > 0 || end.hasFiles))
      await this.deliveries.setCardState(delivery, 'finished');
    return isFinished;
  }

  /** What did not fit into the card follows as messages. */
  private async restOf(delivery: ClaimedDelivery, end: TurnEnd): Promise<DeliveryEnd> {
    const mark = markOf(delivery, end);
    const rest = cardPieces(end.text).rest.map((piece) => withMark(piece, mark));
    if (rest.length > 0) await this.texts.send(delivery, rest, 2);
    await this.files.send(delivery, end);
    return { state: 'delivered', way: 'card', cardState: 'finished', error: null };
  }

  private async asText(
    delivery: ClaimedDelivery,
    end: TurnEnd,
    hadCard: boolean,
  ): Promise<DeliveryEnd> {
    const mark = markOf(delivery, end);
    const pieces = messagePieces(end.text).map((piece) => withMark(piece, mark));
    const way = await this.texts.send(delivery, pieces);
    await this.files.send(delivery, end);
    const hasDebt = hadCard || delivery.cardState === 'debt' || delivery.cardState === 'finalising';
    const isPaid = hasDebt && (await this.cards.payDebt(delivery));
    const cardState = hasDebt ? (isPaid ? 'finished' : 'debt') : null;
    return { state: 'delivered', way: way ?? 'robot', cardState, error: null };
  }
}

/** An answer, whole or stopped, is marked; our own sentence about a failure was not written by an AI. */
function markOf({ card, locale }: ClaimedDelivery, { outcome }: TurnEnd): string | null {
  if (outcome === 'failed') return null;
  return (card.aiMark ?? say('aiMark', locale)) || null;
}
