import { Injectable } from '@nestjs/common';

import { MAX_ATTEMPTS, MAX_LOST_ATTEMPTS, say } from '@common/domain';
import { Logger } from '@common/logging';

import type { AnswerFile } from '../answer-files/answer-file';
import { AnswerFiles } from '../answer-files/answer-files.service';
import type { AnswerPart, Question } from '../agents/agent.port';
import { Agents } from '../agents/agents.service';
import { Interruption } from '../cancelling/turns-in-hand';
import { BudgetGate } from '../limits/budget-gate.service';
import { ContentDeniedError } from '../limits/content-filter';
import { ContentGate } from '../limits/content-gate.service';
import type { OutgoingWords } from '../limits/outgoing-words';
import { ModelError } from '../models/model.errors';
import { ReplyFlusher } from '../streaming/reply-flusher.service';
import { Suspension } from '../tools/suspension';
import type { ClaimedAgent, ClaimedTurn, Ending, EndingOfWords } from './claimed-turn';
import {
  answered,
  cancelled,
  contentDenied,
  failed,
  failedBy,
  filesNotRead,
  outOfBudget,
  refusedByChannel,
  withWarning,
} from './endings';
import { questionTo } from './question-to-person';
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
    private readonly contents: ContentGate,
    private readonly flusher: ReplyFlusher,
    private readonly files: AnswerFiles,
    private readonly logger: Logger,
  ) {}

  /**
   * @param breaks attempts of this claim that broke off after their first words
   * @throws Interruption when the turn is to be given back or was lost: then there is nothing to commit
   * @throws Suspension when a person has to agree to something first
   * @throws DatabaseUnavailableError before the agent was asked: then it is another attempt's turn
   */
  async answer(turn: ClaimedTurn, signal: AbortSignal, breaks = 0): Promise<Ending> {
    const { agent } = turn;
    if (turn.isCancelRequested) return wordless(cancelled(turn, turn.pause?.said ?? ''));
    if (!turn.isChannelEnabled) return wordless(refusedByChannel(turn));
    if (!agent) return wordless(failed(turn, 'noAgent', 'no_agent', 'the channel has no agent'));
    if (turn.lostAttempts >= MAX_LOST_ATTEMPTS || turn.attempt > MAX_ATTEMPTS)
      return wordless(failed(turn, 'answerFailed', 'attempts_lost', 'too many attempts were lost'));
    const verdict = await this.budgets.judge(turn);
    if (verdict.kind === 'stop') return wordless(outOfBudget(turn));
    const asked = await this.questions.of(turn, agent, breaks, signal);
    if (asked.unreadable) return wordless(filesNotRead(turn, asked.unreadable));
    const rules = await this.contents.of(turn);
    const question = await this.contents.readable(turn, asked, rules);
    if (!question) return wordless(contentDenied(turn));
    const writer = this.flusher.open(turn.id, turn.attempt);
    const words = this.contents.outgoing(writer, rules);
    const ended = await this.runAgent(turn, agent, question, words, signal);
    await this.contents.record(turn, words);
    const ending = verdict.kind === 'warn' ? withWarning(ended, turn, verdict.percent) : ended;
    const { total: usage, modelId } = question.tally;
    return { ...ending, usage, modelId, firstWordsAt: writer.firstWordsAt };
  }

  private async runAgent(
    turn: ClaimedTurn,
    agent: ClaimedAgent,
    question: Question,
    words: OutgoingWords,
    signal: AbortSignal,
  ): Promise<EndingOfWords> {
    const { writer } = words;
    const files: AnswerFile[] = [];
    try {
      await listen(this.agents.ofKind(agent).answer(question, signal), words, files);
      signal.throwIfAborted();
      const only = writer.whole === '' && files.length > 0 ? say('filesBelow', turn.locale) : '';
      const ended = answered(turn, writer.whole || only, writer.remembered || only);
      return { ...ended, ...(await this.files.keep(turn, files, ended)) };
    } catch (error) {
      if (error instanceof Suspension) throw this.asked(turn, error, question);
      if (signal.aborted) return this.interrupted(turn, signal.reason, writer.whole);
      if (error instanceof ContentDeniedError) return contentDenied(turn);
      this.logger.warn('answer failed', { turnId: turn.id, attempt: turn.attempt, error });
      const isBroken =
        error instanceof ModelError && error.retry !== 'never' && writer.whole !== '';
      return { ...failedBy(turn, error), isBroken };
    }
  }

  /** Adds what the person is asked, and what it cost to get there. */
  private asked({ locale }: ClaimedTurn, suspension: Suspension, { tally }: Question): Suspension {
    return Object.assign(suspension, {
      question: questionTo(suspension.asks, locale),
      usage: tally.total,
      modelId: tally.modelId,
    });
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

async function listen(
  parts: AsyncIterable<AnswerPart>,
  words: OutgoingWords,
  files: AnswerFile[],
): Promise<void> {
  for await (const part of parts) {
    if ('note' in part) words.writer.note(part.note);
    else if ('file' in part) files.push(part.file);
    else words.write(part);
    if (words.writer.whole.length > MAX_ANSWER) throw new ModelError('answer_too_long');
  }
  words.end();
}
