import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { SessionBook } from '../sessions/session-book.service';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

/** `/switch n|name`: goes on with an earlier conversation of this thread. */
@Injectable()
export class SwitchCommand extends ChatCommand {
  readonly name = 'switch';

  constructor(private readonly sessions: SessionBook) {
    super();
  }

  async run({ event, asker, argument }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const { locale } = asker;
    const session = argument === '' ? null : await this.sessions.switchTo(event, argument, tx);
    if (!session) return { say: say('switchUsage', locale) };
    const title = session.title ?? say('untitled', locale);
    return { say: say('switched', locale, { number: String(session.number), title }) };
  }
}
