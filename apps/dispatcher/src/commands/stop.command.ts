import { Injectable } from '@nestjs/common';

import { type Locale, say } from '@common/domain';
import { askTurnToStop, endQueuedTurn, type Tx } from '@common/persistence';

import { OpenTurnsRepository } from '../turns/open-turns.repository';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

/**
 * `/stop`: the asker's running turn ends with what is there, and their own queued ones of this thread never begin. An
 * administrator's stop means everybody's.
 */
@Injectable()
export class StopCommand extends ChatCommand {
  readonly name = 'stop';

  constructor(private readonly turns: OpenTurnsRepository) {
    super();
  }

  async run({ event, asker }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const { tenantId, threadId } = event;
    const whose = asker.isAdmin ? null : asker.memberId;
    const stoppedTurnIds: string[] = [];
    let dropped = 0;
    for (const { id, state } of await this.turns.ofThread(tx, tenantId, threadId, whose)) {
      if (state === 'queued') dropped += (await endQueuedTurn(tx, tenantId, id, 'command')) ? 1 : 0;
      else if (await askTurnToStop(tx, tenantId, id, 'command')) stoppedTurnIds.push(id);
    }
    const text = inWords(stoppedTurnIds.length > 0, dropped, asker.locale);
    return { say: text, aftermath: { stoppedTurnIds } };
  }
}

function inWords(isStopping: boolean, dropped: number, locale: Locale): string {
  const values = { count: String(dropped) };
  if (isStopping) return say(dropped > 0 ? 'stopDropped' : 'stopDone', locale, values);
  return say(dropped > 0 ? 'stopQueuedOnly' : 'nothingToStop', locale, values);
}
