import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { SessionBook } from '../sessions/session-book.service';
import { titleFrom } from '../sessions/session-title';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

/** `/new [name]`: what comes next knows nothing of what was said before. */
@Injectable()
export class NewCommand extends ChatCommand {
  readonly name = 'new';

  constructor(private readonly sessions: SessionBook) {
    super();
  }

  async run({ event, asker, argument }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const title = titleFrom(argument);
    await this.sessions.startNew(event, tx, title);
    return {
      say:
        title === null
          ? say('newSession', asker.locale)
          : say('newNamedSession', asker.locale, { title }),
    };
  }
}
