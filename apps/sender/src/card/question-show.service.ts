import { Injectable } from '@nestjs/common';

import { DingTalkError } from '@common/dingtalk';
import { Logger } from '@common/logging';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import type { TurnQuestion } from '../following/followed-turn';
import { TextLadder } from '../text/text-ladder.service';
import { CARD_LIMITS } from '../text/text-splitter';
import { UndeliverableError } from '../text/undeliverable.error';
import { CardShow } from './card-show.service';
import { frameText } from './frame-text';

/** How long a question waits for a frame's turn before it goes out as a message. */
const PATIENCE_MS = 3_000;
/** Beside more words than this part of a card the question might be cut off. */
const ROOM = 0.7;

/** Where a question may be shown. */
export interface Place {
  readonly hasCard: boolean;
  /** The words of the answer so far. */
  readonly said: string;
  readonly frameNumber: number;
  readonly wanted: AbortSignal;
}

/** Shows what an agent asks its person: in the card whatever its pace, with its buttons; where that fails, as a message. */
@Injectable()
export class QuestionShow {
  constructor(
    private readonly cards: CardShow,
    private readonly texts: TextLadder,
    private readonly logger: Logger,
  ) {}

  /** @returns whether the card is still usable @throws LeaseLostError */
  async show(delivery: ClaimedDelivery, question: TurnQuestion, place: Place): Promise<boolean> {
    const inCard = await this.inCard(delivery, question, place);
    if (inCard === 'shown') await this.cards.asks(delivery, question.ask);
    else await this.asMessage(delivery, question);
    return place.hasCard && inCard !== 'broken';
  }

  /** It was answered, or given up. */
  async over(delivery: ClaimedDelivery, hasCard: boolean): Promise<void> {
    if (hasCard) await this.cards.asks(delivery, null);
  }

  private async inCard(
    delivery: ClaimedDelivery,
    { text }: TurnQuestion,
    { hasCard, said, frameNumber, wanted }: Place,
  ): Promise<'shown' | 'not' | 'broken'> {
    const whole = said.trim() === '' ? text : `${said.trimEnd()}\n\n${text}`;
    const fits = whole.length <= CARD_LIMITS.maxCharacters * ROOM;
    // A card without intermediate frames has no stream to end.
    if (!hasCard || delivery.card.pace === 'off' || !fits) return 'not';
    const soon = AbortSignal.any([wanted, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      const newest = (): Promise<string> => Promise.resolve(frameText(whole));
      return (await this.cards.frame(delivery, newest, frameNumber, soon)) ? 'shown' : 'not';
    } catch (error) {
      if (!(error instanceof DingTalkError)) throw error;
      this.logger.warn('card no longer usable', { deliveryId: delivery.id, code: error.code });
      return 'broken';
    }
  }

  private async asMessage(delivery: ClaimedDelivery, { text, n }: TurnQuestion): Promise<void> {
    try {
      await this.texts.sayBefore(delivery, text, n);
    } catch (error) {
      if (!(error instanceof UndeliverableError)) throw error;
      // The wait ends by itself after ten minutes.
      this.logger.warn('question not delivered', { deliveryId: delivery.id, code: error.code });
    }
  }
}
