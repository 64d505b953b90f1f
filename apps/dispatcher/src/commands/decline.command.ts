import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import { decideToolCall, type Tx } from '@common/persistence';

import { OpenTurnsRepository } from '../turns/open-turns.repository';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

/** `/decline`: what the agent asked the person for, where there is no button. */
@Injectable()
export class DeclineCommand extends ChatCommand {
  readonly name = 'decline';

  constructor(private readonly turns: OpenTurnsRepository) {
    super();
  }

  async run({ event, asker }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const { tenantId, threadId } = event;
    const open = await this.turns.ofThread(tx, tenantId, threadId, asker.memberId);
    const waiting = open.find(({ state }) => state === 'waiting');
    const work = waiting && (await decideToolCall(tx, tenantId, waiting.id, { agrees: false }));
    if (!work) return { say: say('nothingToConfirm', asker.locale) };
    return { say: say('toolCallDeclined', asker.locale), aftermath: { works: [work] } };
  }
}
