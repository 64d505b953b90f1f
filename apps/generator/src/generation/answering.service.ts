import { Injectable } from '@nestjs/common';

import { MAX_ATTEMPTS, MAX_LOST_ATTEMPTS } from '@common/domain';
import { Logger } from '@common/logging';

import type { Question } from '../agents/agent.port';
import { Agents } from '../agents/agents.service';
import { Interruption } from '../cancelling/turns-in-hand';
import { BudgetGate } from '../limits/budget-gate.service';
import { ModelError } from '../models/model.errors';
import { ReplyFlusher } from '../streaming/reply-flusher.service';
import type { ReplyWriter } from '../streaming/reply-writer';
import type { ClaimedAgent, ClaimedTurn, Ending, EndingOfWords } from './claimed-turn';
import {
  answered,
  cancelled,
  failed,
  failedBy,
  outOfBudget,
  refusedByChannel,
  withWarning,
} from './endings';
import { Questions } from './question.service';

/** Characters of one answer; a model that runs wild ends here. */
const MAX_ANSWER = 400_000;

/** Runs the agent of a turn and turns whatever happens into an ending. */
@Injectable()
export class Answering {
  constructor(
    private readonly questions: Questions,
    private readonly agents: Agents,
    private readonly budgets: BudgetGate,
    private readonly flusher: ReplyFlusher,
    private readonly logger: Logger,
  ) {}

  /**
   * @param breaks attempts of this claim that broke off after their first words
   * @throws Interruption when the turn is to be given back or was lost: then there is nothing to commit
   * @throws DatabaseUnavailableError before the agent was asked: then it is another attempt's turn
   */
  async answer(turn: ClaimedTurn, signal: AbortSignal, breaks = 0): Promise<Ending> {
    const { agent } = turn;
    if (turn.isCancelRequested) return wordless(cancelled(turn, ''));
    if (!turn.isChannelEnabled) return wordless(refusedByChannel(turn));
    if (!agent) return wordless(failed(turn, 'noAgent', 'no_agent', 'the channel has no agent'));
    if (turn.lostAttempts >= MAX_LOST_ATTEMPTS || turn.attempt > MAX_ATTEMPTS)
      return wordless(failed(turn, 'answerFailed', 'attempts_lost', 'too many attempts were lost'));
    const verdict = await this.budgets.judge(turn);
    if (verdict.kind === 'stop') return wordless(outOfBudget(turn));
    const question = await this.questions.of(turn, agent, breaks);
    const writer = this.flusher.open(turn.id, turn.attempt);
    const ended = await this.runAgent(turn, agent, question, writer, signal);
    const ending = verdict.kind === 'warn' ? withWarning(ended, turn, verdict.percent) : ended;
    const { total: usage, modelId } = question.tally;
    return { ...ending, usage, modelId, firstWordsAt: writer.firstWordsAt };
  }

  private async runAgent(
    turn: ClaimedTurn,
    agent: ClaimedAgent,
    question: Question,
    writer: ReplyWriter,
    signal: AbortSignal,
  ): Promise<EndingOfWords> {
    try {
      await this.listen(this.agents.ofKind(agent).answer(question, signal), writer);
      signal.throwIfAborted();
      return answered(turn, writer.whole, writer.remembered);
    } catch (error) {
      if (signal.aborted) return this.interrupted(turn, signal.reason, writer.whole);
      this.logger.warn('answer failed', { turnId: turn.id, attempt: turn.attempt, error });
      const isBroken =
        error instanceof ModelError && error.retry !== 'never' && writer.whole !== '';
      return { ...failedBy(turn, error), isBroken };
    }
  }

  private async listen(
    parts: ReturnType<ReturnType<Agents['ofKind']>['answer']>,
    writer: ReplyWriter,
  ): Promise<void> {
    for await (const part of parts) {
      if ('note' in part) writer.note(part.note);
      else writer.write(part.text, part.aside);
      if (writer.whole.length > MAX_ANSWER) throw new ModelError('answer_too_long');
    }
  }

  private interrupted(turn: ClaimedTurn, reason: unknown, partial: string): EndingOfWords {
    if (reason instanceof Interruption && reason.reason === 'cancelled')
      return cancelled(turn, partial);
    throw reason instanceof Error ? reason : new Interruption('lost');
  }
}

const wordless = (ending: EndingOfWords): Ending => ({
  ...ending,
  usage: null,
  modelId: null,
  firstWordsAt: null,
});
