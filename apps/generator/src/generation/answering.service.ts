import { Injectable } from '@nestjs/common';

import { MAX_ATTEMPTS, MAX_LOST_ATTEMPTS } from '@common/domain';
import { Logger } from '@common/logging';

import { Agents } from '../agents/agents.service';
import type { Usage } from '../agents/agent.port';
import { Interruption } from '../cancelling/turns-in-hand';
import { ReplyFlusher } from '../streaming/reply-flusher.service';
import type { ReplyWriter } from '../streaming/reply-writer';
import type { ClaimedTurn, Ending, EndingOfWords } from './claimed-turn';
import { answered, cancelled, failed, failedBy, refusedByChannel } from './endings';
import { withinBudget } from './history-budget';
import { TurnRepository } from './turn.repository';

/** Messages read for the context; the budget decides how many of them the model is sent. */
const HISTORY_LIMIT = 200;

/** Runs the agent of a turn and turns whatever happens into an ending. */
@Injectable()
export class Answering {
  constructor(
    private readonly turns: TurnRepository,
    private readonly agents: Agents,
    private readonly flusher: ReplyFlusher,
    private readonly logger: Logger,
  ) {}

  /**
   * @throws Interruption when the turn is to be given back or was lost: then there is nothing to commit
   * @throws DatabaseUnavailableError before the agent was asked: then it is another attempt's turn
   */
  async answer(turn: ClaimedTurn, signal: AbortSignal): Promise<Ending> {
    const { agent } = turn;
    if (turn.isCancelRequested) return wordless(cancelled(turn, ''));
    if (!turn.isChannelEnabled) return wordless(refusedByChannel(turn));
    if (!agent) return wordless(failed(turn, 'noAgent', 'no_agent', 'the channel has no agent'));
    if (turn.lostAttempts >= MAX_LOST_ATTEMPTS || turn.attempt > MAX_ATTEMPTS)
      return wordless(failed(turn, 'answerFailed', 'attempts_lost', 'too many attempts were lost'));
    const writer = this.flusher.open(turn.id, turn.attempt);
    const ending = await this.runAgent(turn, agent, writer, signal);
    const modelId = agent.model?.id ?? null;
    return { ...ending, modelId, firstWordsAt: writer.firstWordsAt };
  }

  private async runAgent(
    turn: ClaimedTurn,
    { kind, ...agent }: NonNullable<ClaimedTurn['agent']>,
    writer: ReplyWriter,
    signal: AbortSignal,
  ): Promise<EndingOfWords> {
    const history = withinBudget(await this.turns.history(turn, HISTORY_LIMIT));
    let usage: Usage | null = null;
    try {
      const question = { ...agent, turnId: turn.id, locale: turn.locale, history };
      const runner = this.agents.ofKind(kind, agent.model?.provider ?? null);
      for await (const part of runner.answer(question, signal)) {
        if ('usage' in part) usage = part.usage;
        else writer.write(part.text);
      }
      signal.throwIfAborted();
      return answered(turn, writer.whole, usage);
    } catch (error) {
      if (signal.aborted) return this.interrupted(turn, signal.reason, writer.whole);
      this.logger.warn('answer failed', { turnId: turn.id, attempt: turn.attempt, error });
      return failedBy(turn, error);
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
  modelId: null,
  firstWordsAt: null,
});
