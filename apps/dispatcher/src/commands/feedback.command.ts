import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import { keepFeedback, type Tx } from '@common/persistence';

import { OpenTurnsRepository } from '../turns/open-turns.repository';
import { ChatCommand, type CommandCall, type CommandEnd } from './chat-command.port';

const MAX_TEXT = 4_000;

/** `/feedback words`: kept with the last answer that the person got here. */
@Injectable()
export class FeedbackCommand extends ChatCommand {
  readonly name = 'feedback';

  constructor(private readonly turns: OpenTurnsRepository) {
    super();
  }

  async run({ event, asker, argument }: CommandCall, tx: Tx): Promise<CommandEnd> {
    if (argument === '') return { say: say('feedbackUsage', asker.locale) };
    const { tenantId, threadId, channel } = event;
    const latest = await this.turns.latest(tx, tenantId, threadId, asker.memberId);
    await keepFeedback(tx, {
      ...{ tenantId, channelId: channel.id, memberId: asker.memberId },
      turnId: latest?.id ?? null,
      agentVersionId: latest?.agentVersionId ?? null,
      kind: 'text',
      text: argument.slice(0, MAX_TEXT),
      eventId: event.id,
    });
    return { say: say('feedbackThanks', asker.locale) };
  }
}
