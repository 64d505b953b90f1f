import type { Provider, Type } from '@nestjs/common';

import { AgentsCommand } from './agents.command';
import type { ChatCommand } from './chat-command.port';
import { ConfirmCommand } from './confirm.command';
import { DeclineCommand } from './decline.command';
import { FeedbackCommand } from './feedback.command';
import { HelpCommand } from './help.command';
import { LangCommand } from './lang.command';
import { MemoryCommand } from './memory.command';
import { ModelsCommand } from './models.command';
import { NewCommand } from './new.command';
import { RenameCommand } from './rename.command';
import { RetryCommand } from './retry.command';
import { SessionsCommand } from './sessions.command';
import { StatusCommand } from './status.command';
import { StopCommand } from './stop.command';
import { SwitchCommand } from './switch.command';

const commands: readonly Type<ChatCommand>[] = [
  AgentsCommand,
  ConfirmCommand,
  DeclineCommand,
  FeedbackCommand,
  HelpCommand,
  LangCommand,
  MemoryCommand,
  ModelsCommand,
  NewCommand,
  RenameCommand,
  RetryCommand,
  SessionsCommand,
  StatusCommand,
  StopCommand,
  SwitchCommand,
];

/** Injection token: all of them. */
export const CHAT_COMMANDS = Symbol('chat commands');

export const chatCommandProviders: Provider[] = [
  ...commands,
  {
    provide: CHAT_COMMANDS,
    inject: [...commands],
    useFactory: (...all: ChatCommand[]): ChatCommand[] => all,
  },
];
