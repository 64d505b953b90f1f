import { Inject, Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import { judgeCommand } from '../asking/access-gate';
import { AskersRepository } from '../asking/askers.repository';
import { Refusals } from '../asking/refusals.service';
import type { Aftermath } from '../inbound/follow-up.service';
import { PlainReplies } from '../inbound/plain-replies.service';
import { ThreadLaneRepository } from '../inbound/thread-lane.repository';
import { CHAT_COMMANDS } from './chat-commands';
import type { ChatCommand, CommandCall } from './chat-command.port';
import { type CommandName, commandNames } from './parse-command';

/** Runs commands: each once, its reply a delivery of its message, beside the thread's turns. */
@Injectable()
export class CommandDesk {
  private readonly commands: ReadonlyMap<CommandName, ChatCommand>;

  constructor(
    @Inject(CHAT_COMMANDS) commands: readonly ChatCommand[],
    private readonly askers: AskersRepository,
    private readonly refusals: Refusals,
    private readonly replies: PlainReplies,
    private readonly lane: ThreadLaneRepository,
  ) {
    this.commands = new Map(commands.map((command) => [command.name, command]));
    const missing = commandNames.filter((name) => !this.commands.has(name));
    if (missing.length > 0) throw new RangeError(`nobody runs ${missing.join()}`);
  }

  async run(name: CommandName, call: CommandCall, tx: Tx): Promise<Aftermath> {
    const { event, asker } = call;
    const refused = judgeCommand(event, asker, name);
    if (refused) return this.refusals.refuse(event, asker, refused, tx);
    await this.askers.take(tx, event, asker.memberId, 'command');
    const command = this.commands.get(name) as ChatCommand; // checked when we were built
    const end = await command.run(call, tx);
    const cause = `command_${name}`;
    if (!('say' in end)) {
      await this.lane.close(tx, event.tenantId, event.id, cause, end.turnId);
      return end.aftermath ?? {};
    }
    const reply = await this.replies.reply(event, cause, end.say, tx);
    return { ...end.aftermath, works: [...(end.aftermath?.works ?? []), reply] };
  }
}
