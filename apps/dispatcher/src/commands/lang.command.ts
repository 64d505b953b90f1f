import { Injectable } from '@nestjs/common';

import { type Locale, say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { RoutingRepository } from '../routing/routing.repository';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

const languages: ReadonlyMap<string, Locale> = new Map<string, Locale>([
  ...['zh', 'zh-cn', 'cn', 'chinese', '中文', '汉语'].map((name) => [name, 'zh'] as const),
  ...['en', 'en-us', 'english', '英文', '英语'].map((name) => [name, 'en'] as const),
]);

/** `/lang zh|en`: the language of our sentences to this person in this channel. */
@Injectable()
export class LangCommand extends ChatCommand {
  readonly name = 'lang';

  constructor(private readonly routing: RoutingRepository) {
    super();
  }

  async run({ event, asker, argument }: CommandCall, tx: Tx): Promise<CommandEnd> {
    const locale = languages.get(argument.toLowerCase());
    if (!locale) return { say: say('langUsage', asker.locale) };
    await this.routing.speak(tx, event.tenantId, asker.memberId, event.channel.id, locale);
    return { say: say('langSet', locale) };
  }
}
