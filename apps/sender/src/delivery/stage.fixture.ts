import type { ReplyDelta } from '@common/contracts';
import type { Clock } from '@common/kernel';
import type { Logger } from '@common/logging';
import type { ReplyStream } from '@common/redis';

import { CardShow } from '../card/card-show.service';
import type { CardNotices } from '../card/card-notices.service';
import { QuestionShow } from '../card/question-show.service';
import { WordsOnCard } from '../card/words-on-card.service';
import type { AnswerFiles } from '../files/answer-files.service';
import { FollowedTurn } from '../following/followed-turn';
import type { TurnWatch } from '../following/turn-watch.service';
import { FakeLedger } from '../allowance/fake-ledger.fixture';
import { FakePlatform } from '../platform/fake-platform.fixture';
import { PlatformCalls } from '../platform/platform-calls.service';
import type { SenderConfig } from '../sender.config';
import type { TextLadder } from '../text/text-ladder.service';
import { anOpenGate, FakeBudget } from '../throttling/fake-budget.fixture';
import { AnswerDelivery } from './answer-delivery.service';
import type { CardState } from './claimed-delivery';
import type { DeliveryRepository } from './delivery.repository';

/**
 * Everything that shows an answer, put together as in the service; only DingTalk, Postgres and Redis are played.
 * The parts that are played are private classes, hence the casts: each is the whole of what is called.
 */
export class Stage {
  readonly platform = new FakePlatform();
  /** What the card was said to be, in order, and the texts that went out as messages. */
  readonly cardStates: CardState[] = [];
  readonly texts: string[] = [];
  readonly noticed: string[] = [];
  isOurs = true;
  hasBudget = true;
  isRedisAway = false;
  textFailure: Error | null = null;
  /** The words of each attempt so far. */
  readonly words = new Map<number, string>();
  readonly turn: FollowedTurn;
  readonly budget: FakeBudget;
  readonly ledger = new FakeLedger();
  readonly cards: CardShow;
  readonly wordsOnCard: WordsOnCard;
  readonly answers: AnswerDelivery;

  constructor(clock: Clock, logger: Logger) {
    this.turn = new FollowedTurn('turn', 1, clock);
    this.budget = new FakeBudget(async ({ purpose }, signal) => {
      while (purpose === 'frame' && !this.hasBudget && !signal.aborted)
        await clock.sleep(50, signal);
    });
    const config = { SENDER_CALL_TIMEOUT_MS: 4_000 } as SenderConfig;
    const deliveries = {
      setCardState: (_delivery: unknown, state: CardState) => {
        if (this.isOurs) this.cardStates.push(state);
        return Promise.resolve(this.isOurs);
      },
    } as unknown as DeliveryRepository;
    const notices = {
      remember: (_delivery: unknown, { code }: { code: string }) =>
        Promise.resolve(void this.noticed.push(code)),
    } as unknown as CardNotices;
    const hasty = { now: () => 0, sleep: () => Promise.resolve() };
    const calls = new PlatformCalls(
      this.budget,
      anOpenGate(),
      this.ledger.ledger,
      config,
      hasty,
      this.platform.client,
    );
    this.cards = new CardShow(this.platform.client, calls, deliveries, notices, logger);
    const questions = new QuestionShow(this.cards, this.ladder(), logger);
    this.wordsOnCard = new WordsOnCard(this.cards, questions, this.stream(), clock, logger);
    const watch = { follow: () => this.turn, unfollow: () => undefined } as unknown as TurnWatch;
    this.answers = new AnswerDelivery(
      this.cards,
      this.wordsOnCard,
      watch,
      this.ladder(),
      this.files(),
      deliveries,
    );
  }

  /** The agent says something. */
  say(text: string, attempt = 1): void {
    this.words.set(attempt, (this.words.get(attempt) ?? '') + text);
    this.turn.hasWords(attempt);
  }

  private stream(): ReplyStream {
    const read = (_turnId: string, attempt: number, lastId: string) => {
      if (this.isRedisAway) return Promise.reject(new Error('gone'));
      const whole = this.words.get(attempt) ?? '';
      const offset = lastId === '-' ? 0 : Number(lastId);
      const deltas: ReplyDelta[] =
        whole.length > offset ? [{ offset, text: whole.slice(offset) }] : [];
      return Promise.resolve({ deltas, lastId: String(whole.length) });
    };
    return { read } as unknown as ReplyStream;
  }

  /** The files of an answer go their own way; what they were told is all that matters here. */
  private files(): AnswerFiles {
    return {
      upload: (_delivery: unknown, end: unknown) => Promise.resolve(end),
      send: () => Promise.resolve(),
    } as unknown as AnswerFiles;
  }

  private ladder(): TextLadder {
    const send = (_delivery: unknown, texts: readonly string[]) => {
      if (this.textFailure) return Promise.reject(this.textFailure);
      this.texts.push(...texts);
      return Promise.resolve('webhook' as const);
    };
    const sayBefore = (_delivery: unknown, text: string) => send(_delivery, [text]);
    return { send, sayBefore } as unknown as TextLadder;
  }
}
