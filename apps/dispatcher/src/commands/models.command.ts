import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';
import { Choosing } from './choosing.service';

/** `/models [n|name|default]`. */
@Injectable()
export class ModelsCommand extends ChatCommand {
  readonly name = 'models';

  constructor(private readonly choosing: Choosing) {
    super();
  }

  run(call: CommandCall, tx: Tx): Promise<CommandEnd> {
    return this.choosing.choose('model', call, tx);
  }
}
