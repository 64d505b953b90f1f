import { Injectable } from '@nestjs/common';

import { isImmediate, say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { AnswerDesk } from '../answers/answer-desk.service';
import { judgeAccess, judgeCommand } from '../asking/access-gate';
import type { Asker } from '../asking/asker';
import { AskersRepository } from '../asking/askers.repository';
import { Refusals } from '../asking/refusals.service';
import { CommandDesk } from '../commands/command-desk.service';
import { parseCommand } from '../commands/parse-command';
import { isReadable } from '../content/question-text';
import { QuestionDesk } from '../questions/question-desk.service';
import type { Aftermath } from './follow-up.service';
import type { LaneEvent } from './lane-event';
import { MemberResolver } from '../mapping/member-resolver.service';
import { PlainReplies } from './plain-replies.service';

/** Decides what one message causes: who asks → may they → a command's reply, an answer to an agent, or a turn. */
@Injectable()
export class EventEffect {
  constructor(
    private readonly members: MemberResolver,
    private readonly askers: AskersRepository,
    private readonly refusals: Refusals,
    private readonly commands: CommandDesk,
    private readonly answers: AnswerDesk,
    private readonly questions: QuestionDesk,
    private readonly replies: PlainReplies,
  ) {}

  async apply(event: LaneEvent, tx: Tx): Promise<Aftermath> {
    const asker = await this.askerOf(event, tx);
    const spoken = { ...event, channel: { ...event.channel, locale: asker.locale } };

    const refused = judgeAccess(spoken, asker);
    if (refused) return this.refusals.refuse(spoken, asker, refused, tx);

    const command = parseCommand(spoken.message.text);
    if (command)
      return this.commands.run(
        command.name,
        { event: spoken, asker, argument: command.argument },
        tx,
      );
    const answered = await this.answers.take(spoken, asker, tx);
    if (answered) return answered;
    if (!isReadable(spoken.message)) return this.wordless(spoken, asker, tx);
    return this.questions.ask(spoken, asker, tx);
  }

  private async askerOf(event: LaneEvent, tx: Tx): Promise<Asker> {
    const { thread, tenantId, channel, message } = event;
    // A look-up may have found another member since the thread was made.
    const known = isImmediate(channel.mapping) ? thread.memberId : null;
    const memberId = known ?? (await this.members.resolve(tx, tenantId, channel, message.sender));
    return this.askers.know(tx, event, memberId);
  }

  /** Answered like a command, and counted as one: a flood of pictures is no flood of sentences. */
  private async wordless(event: LaneEvent, asker: Asker, tx: Tx): Promise<Aftermath> {
    const refused = judgeCommand(event, asker, null);
    if (refused) return this.refusals.refuse(event, asker, refused, tx);
    await this.askers.take(tx, event, asker.memberId, 'command');
    const { contentType } = event.message;
    const isText = ['text', 'richText', 'markdown'].includes(contentType);
    const key = isText ? 'emptyMessage' : 'unsupportedContent';
    const text = say(key, event.channel.locale, { type: contentType });
    return { works: [await this.replies.reply(event, key, text, tx)] };
  }
}
