import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import { reaskTurn, type Tx } from '@common/persistence';

import { judgeQuestion } from '../asking/access-gate';
import { AskersRepository } from '../asking/askers.repository';
import { OpenTurnsRepository } from '../turns/open-turns.repository';
import { TurnBook } from '../turns/turn-book.service';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

/**
 * `/retry`: the asker's last question of this thread once more, as a new turn. Its answer is the reply, and it counts as a
 * question.
 */
@Injectable()
export class RetryCommand extends ChatCommand {
  readonly name = 'retry';

  constructor(
    private readonly turns: OpenTurnsRepository,
    private readonly book: TurnBook,
    private readonly askers: AskersRepository,
  ) {
    super();
  }

  async run({ event, asker }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const { tenantId, threadId } = event;
    const latest = await this.turns.latest(tx, tenantId, threadId, asker.memberId);
    if (!latest) return { say: say('nothingToRetry', asker.locale) };
    if (!latest.isEnded) return { say: say('retryRunning', asker.locale) };
    const refused = judgeQuestion(event, asker);
    if (refused) return { say: refused.text };
    const { turnId, work } = await reaskTurn(tx, tenantId, latest.id);
    await this.book.answerTo(event, turnId, tx);
    await this.askers.take(tx, event, asker.memberId, 'question');
    return { turnId, aftermath: { works: [work] } };
  }
}
