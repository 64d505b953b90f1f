import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { oneLine } from '../routing/numbered-list';
import { SessionBook } from '../sessions/session-book.service';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

/** `/sessions`: the newest conversations of this thread, by the numbers that `/switch` takes. */
@Injectable()
export class SessionsCommand extends ChatCommand {
  readonly name = 'sessions';

  constructor(private readonly sessions: SessionBook) {
    super();
  }

  async run({ event, asker }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const { locale } = asker;
    const found = await this.sessions.newest(event, tx);
    if (found.length === 0) return { say: say('noSessions', locale) };
    const lines = found.map(({ number, title, isCurrent }) => {
      const name = title === null ? say('untitled', locale) : oneLine(title);
      return `${number}. ${name}${isCurrent ? say('currentMark', locale) : ''}`;
    });
    return { say: say('sessionList', locale, { list: lines.join('\n') }) };
  }
}
