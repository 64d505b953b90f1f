import { Injectable } from '@nestjs/common';

import { Logger } from '@common/logging';

import type { Question } from '../agents/agent.port';
import type { ClaimedTurn } from '../generation/claimed-turn';
import type { ReplyWriter } from '../streaming/reply-writer';
import { ContentDeniedError, ContentFilter } from './content-filter';
import type { ContentRule } from './content-rule';
import { ContentRules } from './content-rules.repository';
import { OutgoingWords } from './outgoing-words';

/** Applies a channel's content rules to what a model is told and to what it says. */
@Injectable()
export class ContentGate {
  constructor(
    private readonly rules: ContentRules,
    private readonly logger: Logger,
  ) {}

  /** @throws DatabaseUnavailableError */
  of(turn: ClaimedTurn): Promise<ContentRule[]> {
    return this.rules.of(turn);
  }

  /** The question as the model may read it; null when a rule forbids it. Only what is asked now can be forbidden. */
  async readable(
    turn: ClaimedTurn,
    question: Question,
    rules: readonly ContentRule[],
  ): Promise<Question | null> {
    if (rules.length === 0) return question;
    const filter = new ContentFilter(rules, 'in');
    const past = new ContentFilter(
      rules.filter(({ action }) => action === 'mask'),
      'in',
    );
    const last = question.history.length - 1;
    question.tools?.hear((words) => this.answer(turn, words, rules));
    try {
      const history = question.history.map((message, n) => ({
        ...message,
        text: (n === last ? filter : past).whole(message.text),
      }));
      return { ...question, history };
    } catch (error) {
      if (error instanceof ContentDeniedError) return null;
      throw error;
    } finally {
      await this.keep(turn, 'in', filter);
    }
  }

  /** What a person answered to the agent. @throws ContentDeniedError */
  private answer(turn: ClaimedTurn, words: string, rules: readonly ContentRule[]): string {
    const filter = new ContentFilter(rules, 'in');
    try {
      return filter.whole(words);
    } finally {
      void this.keep(turn, 'in', filter);
    }
  }

  outgoing(writer: ReplyWriter, rules: readonly ContentRule[]): OutgoingWords {
    return new OutgoingWords(writer, new ContentFilter(rules, 'out'));
  }

  record(turn: ClaimedTurn, { filter }: OutgoingWords): Promise<void> {
    return this.keep(turn, 'out', filter);
  }

  /** The trail is for auditors; an answer does not wait for a database that is away. */
  private async keep(turn: ClaimedTurn, direction: 'in' | 'out', filter: ContentFilter) {
    try {
      await this.rules.record(turn, direction, filter);
    } catch (error) {
      this.logger.error('content finding not recorded', { turnId: turn.id, error });
    }
  }
}
