import { Injectable } from '@nestjs/common';

import { say, type SentenceKey } from '@common/domain';
import type { Tx } from '@common/persistence';

import { parseCommand } from '../commands/parse-command';
import type { Aftermath } from './follow-up.service';
import type { LaneEvent } from './lane-event';
import { PlainReplies } from './plain-replies.service';
import { SessionBook } from './session-book.service';
import { TurnBook } from './turn-book.service';

/** Decides what one message causes: a command's reply, a refusal in one sentence, or a turn. */
@Injectable()
export class EventEffect {
  constructor(
    private readonly sessions: SessionBook,
    private readonly turns: TurnBook,
    private readonly replies: PlainReplies,
  ) {}

  async apply(event: LaneEvent, tx: Tx): Promise<Aftermath> {
    const { message, channel } = event;
    if (!channel.enabled) return this.say(event, tx, 'channelDisabled');

    const command = parseCommand(message.text);
    if (command === 'help') return this.say(event, tx, 'help', { bot: channel.name });
    if (command === 'new') {
      await this.sessions.startNew(event, tx);
      return this.say(event, tx, 'newSession');
    }

    if (message.text === '') return this.refuse(event, tx);
    const session = await this.sessions.current(event, tx);
    return { works: [await this.turns.open(event, session.id, tx)] };
  }

  private refuse(event: LaneEvent, tx: Tx): Promise<Aftermath> {
    const { contentType } = event.message;
    const wordless = ['text', 'richText', 'markdown'].includes(contentType);
    return wordless
      ? this.say(event, tx, 'emptyMessage')
      : this.say(event, tx, 'unsupportedContent', { type: contentType });
  }

  private async say(
    event: LaneEvent,
    tx: Tx,
    key: SentenceKey,
    values: Record<string, string> = {},
  ): Promise<Aftermath> {
    const text = say(key, event.channel.locale, values);
    return { works: [await this.replies.reply(event, key, text, tx)] };
  }
}
