import type { Tx } from '@common/persistence';

import type { Asker } from '../asking/asker';
import type { Aftermath } from '../inbound/follow-up.service';
import type { LaneEvent } from '../inbound/lane-event';
import type { CommandName } from './parse-command';

/** A command as somebody gave it. */
export interface CommandCall {
  readonly event: LaneEvent;
  readonly asker: Asker;
  readonly argument: string;
}

/** What it comes to: words for the asker, or a turn whose answer is the reply. */
export type CommandEnd = ({ readonly say: string } | { readonly turnId: string }) & {
  readonly aftermath?: Aftermath;
};

/**
 * One command. It has its effect and its reply in one transaction with the end of its message, under the thread's lock:
 * a second run finds nothing to do. Add a class beside the others and name it in `chat-commands.ts`.
 */
export abstract class ChatCommand {
  abstract readonly name: CommandName;
  abstract run(call: CommandCall, tx: Tx): Promise<CommandEnd>;
}
