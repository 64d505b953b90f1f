import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { oneLine } from '../routing/numbered-list';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';
import { MemoryRepository } from './memory.repository';

const FORGET = /^(?:forget|忘记|忘掉|删除)\s*(\d{1,6})$/iu;
const CLEAR = new Set(['clear', '清空']);
const LIST = new Set(['', 'list', '列表']);

/** `/memory [list|forget n|clear]`: what agents remember of the person. A group sees only what may be told there. */
@Injectable()
export class MemoryCommand extends ChatCommand {
  readonly name = 'memory';

  constructor(private readonly memories: MemoryRepository) {
    super();
  }

  async run({ event, asker, argument }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const { locale, memberId } = asker;
    const { kind } = event.message.conversation;
    const known = await this.memories.list(tx, event.tenantId, memberId, kind);
    const wish = argument.toLowerCase();
    if (LIST.has(wish)) {
      if (known.length === 0) return { say: say('memoryEmpty', locale) };
      const list = known.map(({ text }, n) => `${n + 1}. ${oneLine(text)}`).join('\n');
      return { say: say('memoryList', locale, { list }) };
    }
    if (CLEAR.has(wish)) {
      await this.memories.forget(tx, event.tenantId, memberId, known);
      return { say: say('memoryCleared', locale, { count: String(known.length) }) };
    }
    const n = FORGET.exec(argument)?.[1];
    const memory = n === undefined ? undefined : known[Number(n) - 1];
    if (!memory) return { say: say('memoryUsage', locale) };
    await this.memories.forget(tx, event.tenantId, memberId, [memory]);
    return { say: say('memoryForgotten', locale, { text: oneLine(memory.text) }) };
  }
}
