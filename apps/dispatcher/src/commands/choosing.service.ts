import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { listed, picked } from '../routing/numbered-list';
import { RoutingRepository } from '../routing/routing.repository';
import type { CommandCall, CommandEnd } from './chat-command.port';

const words = {
  agent: { list: 'agentList', chosen: 'agentChosen', command: '/agents' },
  model: { list: 'modelList', chosen: 'modelChosen', command: '/models' },
} as const;
const DEFAULT = new Set(['default', '默认']);

/** Lets a person choose among what the channel offers; the choice holds for that person in that channel. */
@Injectable()
export class Choosing {
  constructor(private readonly routing: RoutingRepository) {}

  async choose(
    what: 'agent' | 'model',
    { event, asker, argument }: CommandCall,
    tx: Tx,
  ): Promise<CommandEnd> {
    const { tenantId, channel } = event;
    const { locale, memberId } = asker;
    const offered = what === 'agent' ? channel.choices.agents : channel.choices.models;
    if (!offered.allowed) return { say: say('choiceNotAllowed', locale) };
    if (DEFAULT.has(argument.toLowerCase())) {
      await this.routing.choose(tx, tenantId, memberId, channel.id, what, null);
      return { say: say('choiceReset', locale) };
    }
    const options = await this.routing.options(tx, tenantId, what, offered.ids);
    if (options.length === 0) return { say: say('nothingToChoose', locale) };
    if (argument === '') {
      const { agentId, modelId } = asker;
      const current =
        what === 'agent'
          ? (agentId ?? channel.defaultAgentId)
          : (modelId ?? channel.defaultModelId);
      const list = listed(options, current, say('currentMark', locale));
      return { say: say(words[what].list, locale, { list }) };
    }
    const option = picked(options, argument);
    if (!option) {
      const values = { argument: argument.slice(0, 60), command: words[what].command };
      return { say: say('choiceUnknown', locale, values) };
    }
    await this.routing.choose(tx, tenantId, memberId, channel.id, what, option.id);
    return { say: say(words[what].chosen, locale, { name: option.name }) };
  }
}
