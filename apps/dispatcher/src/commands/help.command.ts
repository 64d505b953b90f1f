import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';

import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

/** `/help`: what the bot is and what can be said to it. */
@Injectable()
export class HelpCommand extends ChatCommand {
  readonly name = 'help';

  run({ event, asker }: CommandCall): Promise<CommandEnd> {
    return Promise.resolve({ say: say('help', asker.locale, { bot: event.channel.name }) });
  }
}
