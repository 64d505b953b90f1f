import { Injectable } from '@nestjs/common';

import { DingTalkError } from '@common/dingtalk';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { ReplyStream } from '@common/redis';

import { CardShow } from './card-show.service';
import { FramePace } from './frame-pace';
import { frameText } from './frame-text';
import { QuestionShow } from './question-show.service';
import type { FollowedTurn, TurnEnd } from '../following/followed-turn';
import { ReplyBuffer } from '../following/reply-buffer';
import type { ClaimedDelivery } from '../delivery/claimed-delivery';

/** When nothing is due: the bell wakes us earlier. */
const IDLE_MS = 1_000;
/** Between two looks for new words; longer while none come. */
const AGAIN_MS = 150;
const MAX_AGAIN_MS = 1_000;

interface Following {
  readonly pace: FramePace;
  buffer: ReplyBuffer;
  lastId: string;
  attempt: number;
  shown: string;
  proposed: string | null;
  /** The question that was shown last and is not over; 0: none. */
  asked: number;
  /** Frames that were tried. */
  tries: number;
  /** Looks without words worth showing since the last frame. */
  vain: number;
}

/** The sender is to stop: the delivery is given back, whatever it has shown so far. */
export class HandedOver extends Error {}

/** Shows the running words of a turn in its card until the turn ends. */
@Injectable()
export class WordsOnCard {
  constructor(
    private readonly cards: CardShow,
    private readonly questions: QuestionShow,
    private readonly stream: ReplyStream,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * @param card whether there is a card to show words in; without one this only waits
   * @returns the end, and whether the card is still usable
   * @throws HandedOver when the signal is aborted
   */
  async until(
    turn: FollowedTurn,
    delivery: ClaimedDelivery,
    card: boolean,
  ): Promise<{ readonly end: TurnEnd; readonly card: boolean }> {
    const { signal } = delivery.caller;
    const following: Following = {
      pace: new FramePace(delivery.card.pace, this.clock.now()),
      buffer: new ReplyBuffer(),
      lastId: '-',
      attempt: 0,
      shown: '',
      proposed: null,
      asked: 0,
      tries: 0,
      vain: 0,
    };
    let usable = card;
    while (turn.end === null) {
      if (signal.aborted) throw new HandedOver();
      let waitMs = IDLE_MS;
      if ((turn.question?.n ?? 0) !== following.asked)
        usable = await this.ask(following, turn, delivery, usable);
      else if (usable && turn.question === null && turn.attempt !== null) {
        try {
          waitMs = await this.step(following, turn, delivery);
        } catch (error) {
          if (!(error instanceof DingTalkError)) throw error;
          this.logger.warn('card no longer usable', {
            deliveryId: delivery.id,
            code: error.code,
            error,
          });
          usable = false;
        }
      }
      if (turn.end === null) await turn.change(waitMs, signal);
    }
    return { end: turn.end, card: usable };
  }

  /** Shows a question, or takes its buttons away. @returns whether the card is still usable */
  private async ask(
    following: Following,
    turn: FollowedTurn,
    delivery: ClaimedDelivery,
    hasCard: boolean,
  ): Promise<boolean> {
    const { question } = turn;
    following.asked = question?.n ?? 0;
    if (!question) {
      await this.questions.over(delivery, hasCard);
      return hasCard;
    }
    if (turn.attempt !== null) await this.readWords(following, turn.attempt, delivery);
    const { said } = following.buffer;
    following.tries += 1;
    const wanted = AbortSignal.any([turn.endSignal, delivery.caller.signal]);
    const place = { hasCard, said, frameNumber: following.tries, wanted };
    // What comes after the answer replaces the question.
    following.shown = frameText(said);
    return this.questions.show(delivery, question, place);
  }

  /** Shows the newest text if a frame is due and there is something new, when the budget allows. @returns ms to wait */
  private async step(
    following: Following,
    turn: FollowedTurn,
    delivery: ClaimedDelivery,
  ): Promise<number> {
    const dueMs = following.pace.waitMs(this.clock.now());
    if (dueMs > 0) return Math.min(dueMs, IDLE_MS);
    if ((await this.newestOf(following, turn, delivery)) === null) return again(following);
    // The budget may let us wait; what is shown is what there is by then.
    const newest = async (): Promise<string | null> => {
      following.proposed = await this.newestOf(following, turn, delivery);
      return following.proposed;
    };
    following.tries += 1;
    const wanted = AbortSignal.any([turn.endSignal, delivery.caller.signal]);
    if (!(await this.cards.frame(delivery, newest, following.tries, wanted)))
      return again(following);
    following.shown = following.proposed ?? following.shown;
    following.vain = 0;
    following.pace.frameShown(this.clock.now());
    return 0;
  }

  /** The text to show now; null when a frame would not be worth it. */
  private async newestOf(
    following: Following,
    turn: FollowedTurn,
    delivery: ClaimedDelivery,
  ): Promise<string | null> {
    if (turn.attempt !== null) await this.readWords(following, turn.attempt, delivery);
    const text = frameText(following.buffer.text);
    // After a restarted attempt the card keeps what it shows until the new text is longer.
    const isWorth = following.pace.isWorth(following.shown.length, text.length, this.clock.now());
    return isWorth ? text : null;
  }

  private async readWords(
    following: Following,
    attempt: number,
    delivery: ClaimedDelivery,
  ): Promise<void> {
    if (following.attempt !== attempt) {
      following.attempt = attempt;
      following.buffer = new ReplyBuffer();
      following.lastId = '-';
    }
    try {
      const { deltas, lastId } = await this.stream.read(
        delivery.turn?.id ?? '',
        attempt,
        following.lastId,
      );
      following.buffer.take(deltas);
      following.lastId = lastId;
    } catch (error) {
      // Redis is away: the card waits, the committed text comes from Postgres.
      this.logger.debug('words not read', { deliveryId: delivery.id, error });
    }
  }
}

/** Words that did not come are looked for ever less often. */
function again(following: Following): number {
  following.vain += 1;
  return Math.min(AGAIN_MS * following.vain, MAX_AGAIN_MS);
}
