import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';
import { Choosing } from './choosing.service';

/** `/agents [n|name|default]`. */
@Injectable()
export class AgentsCommand extends ChatCommand {
  readonly name = 'agents';

  constructor(private readonly choosing: Choosing) {
    super();
  }

  run(call: CommandCall, tx: Tx): Promise<CommandEnd> {
    return this.choosing.choose('agent', call, tx);
  }
}
