import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { SessionBook } from '../sessions/session-book.service';
import { titleFrom } from '../sessions/session-title';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

/** `/rename name`: names the current conversation. */
@Injectable()
export class RenameCommand extends ChatCommand {
  readonly name = 'rename';

  constructor(private readonly sessions: SessionBook) {
    super();
  }

  async run({ event, asker, argument }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const title = titleFrom(argument);
    if (title === null) return { say: say('renameUsage', asker.locale) };
    await this.sessions.rename(event, title, tx);
    return { say: say('renamed', asker.locale, { title }) };
  }
}
