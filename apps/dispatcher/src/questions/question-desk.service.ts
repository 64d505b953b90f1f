import { Injectable } from '@nestjs/common';

import { type Locale, say } from '@common/domain';
import { derivedId } from '@common/kernel';
import type { Tx, Work } from '@common/persistence';

import { judgeQuestion, type Refusal } from '../asking/access-gate';
import type { Asker } from '../asking/asker';
import { AskersRepository } from '../asking/askers.repository';
import { Refusals } from '../asking/refusals.service';
import { Attachments } from '../content/attachments';
import { MentionNames } from '../content/mention-names.repository';
import { OwnWords } from '../content/own-words.repository';
import { hasOwnWords, questionText } from '../content/question-text';
import type { Aftermath } from '../inbound/follow-up.service';
import type { LaneEvent } from '../inbound/lane-event';
import { originOf, PlainReplies } from '../inbound/plain-replies.service';
import { AgentRouter } from '../routing/agent-router.service';
import type { Route } from '../routing/route';
import { SessionBook } from '../sessions/session-book.service';
import { TurnBook } from '../turns/turn-book.service';
import type { QuestionContent, TurnPlace } from '../turns/turn.repository';

/** Makes a question of a message: is there room, in which session, who answers, in which turn. */
@Injectable()
export class QuestionDesk {
  constructor(
    private readonly askers: AskersRepository,
    private readonly refusals: Refusals,
    private readonly router: AgentRouter,
    private readonly sessions: SessionBook,
    private readonly turns: TurnBook,
    private readonly replies: PlainReplies,
    private readonly mentions: MentionNames,
    private readonly ownWords: OwnWords,
  ) {}

  async ask(event: LaneEvent, asker: Asker, tx: Tx): Promise<Aftermath> {
    const refused = judgeQuestion(event, asker);
    if (refused) return this.refusals.refuse(event, asker, refused, tx);

    const session = await this.sessions.current(event, tx);
    const place = await this.turns.place(event, asker, session.id, tx);
    const full = isFull(place, event, asker.locale);
    if (full) return this.refusals.refuse(event, asker, full, tx);

    if (isCounted(event)) await this.askers.take(tx, event, asker.memberId, 'question');
    const route = await this.router.route(event, asker, tx);
    const notes = await this.notes(event, asker, session.followsIdleOne, route, tx);
    const told = await this.ownWords.in(event, tx);
    const content = contentOf(told, place, await this.mentions.of(event, tx));
    const question = { sessionId: session.id, route, place, content };
    const { works = [], ...rest } = await this.turns.ask(event, asker, question, tx);
    return { ...rest, works: [...notes, ...works] };
  }

  /** What the person should know beside the answer, in one message. */
  private async notes(
    event: LaneEvent,
    { locale, memberId, wasWelcomed }: Asker,
    followsIdleOne: boolean,
    { lost }: Route,
    tx: Tx,
  ): Promise<Work[]> {
    const { channel } = event;
    const isNew = channel.welcome.onFirstContact && !wasWelcomed;
    const greets = isNew && (await this.askers.welcome(tx, event, memberId));
    const words = [
      ...(greets ? [say('help', locale, { bot: channel.name })] : []),
      ...(followsIdleOne
        ? [say('idleSession', locale, { idle: idleInWords(channel.idleMinutes, locale) })]
        : []),
      ...lost.map((what) =>
        say('choiceGone', locale, {
          what: say(what === 'agent' ? 'theAgent' : 'theModel', locale),
        }),
      ),
    ];
    if (words.length === 0) return [];
    return [await this.replies.note(originOf(event), words.join('\n\n'), tx)];
  }
}

/** What is asked: words, and files by the rows they get. */
function contentOf(
  event: LaneEvent,
  place: TurnPlace,
  mentioned: readonly string[],
): QuestionContent {
  const attached = new Attachments(event.message, place.kind === 'own' ? 0 : place.files);
  const files = attached.all.map((one) => ({
    ...one,
    id: derivedId('file', event.id, String(one.n)),
  }));
  return {
    words: questionText(event.message, mentioned, attached),
    parts: [
      ...(hasOwnWords(event.message) ? [{ type: 'text' as const }] : []),
      ...files.map(({ kind, id, n, name }) => ({ type: kind, fileId: id, n, name })),
    ],
    files,
  };
}

/** A turn takes no more messages than may wait one by one. */
function isFull(place: TurnPlace, { channel }: LaneEvent, locale: Locale): Refusal | null {
  const most = channel.access?.maxQueued ?? 0;
  if (place.kind === 'own' || place.messages < most) return null;
  return { key: 'queueFull', text: say('queueFull', locale, { count: String(place.messages) }) };
}

const isCounted = ({ channel }: LaneEvent): boolean =>
  Object.values(channel.access?.perMember ?? {}).some((limit) => limit !== undefined);

/** `24 h`, or minutes when it is no whole number of hours. */
function idleInWords(minutes: number, locale: Locale): string {
  const hours = minutes / 60;
  if (Number.isInteger(hours)) return locale === 'zh' ? `${hours} 小时` : `${hours} h`;
  return locale === 'zh' ? `${minutes} 分钟` : `${minutes} min`;
}
