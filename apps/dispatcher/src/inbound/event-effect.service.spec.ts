import { accessRules } from '@common/domain';
import type { Tx } from '@common/persistence';
import { standIn } from '@common/testing';

import type { AnswerDesk } from '../answers/answer-desk.service';
import { anAsker } from '../asking/asker.fixture';
import type { AskersRepository } from '../asking/askers.repository';
import type { Refusals } from '../asking/refusals.service';
import type { CommandDesk } from '../commands/command-desk.service';
import type { QuestionDesk } from '../questions/question-desk.service';
import { EventEffect } from './event-effect.service';
import type { LaneEvent } from './lane-event';
import { aLaneEvent } from './lane-event.fixture';
import type { MemberResolver } from '../mapping/member-resolver.service';
import type { PlainReplies } from './plain-replies.service';

const tx = standIn<Tx>({});

async function effectOf(event: LaneEvent, asker = anAsker()): Promise<string[]> {
  const log: string[] = [];
  const note = (line: string) => {
    log.push(line);
    return Promise.resolve({});
  };
  const effect = new EventEffect(
    standIn<MemberResolver>({ resolve: () => Promise.resolve('member of the message') }),
    standIn<AskersRepository>({
      know: (_tx, _event, memberId) => {
        log.push(`know ${memberId}`);
        return Promise.resolve(asker);
      },
      take: () => Promise.resolve(),
    }),
    standIn<Refusals>({ refuse: (_event, _asker, { key }) => note(`refuse ${key}`) }),
    standIn<CommandDesk>({
      run: (name, { argument, event: { channel } }) =>
        note(`${name} ${argument} ${channel.locale}`),
    }),
    standIn<AnswerDesk>({
      take: ({ thread, message }) =>
        thread.isAsked ? note(`answer ${message.text}`) : Promise.resolve(null),
    }),
    standIn<QuestionDesk>({ ask: ({ message }) => note(`ask ${message.text}`) }),
    standIn<PlainReplies>({ reply: (_event, cause, text) => note(`${cause}: ${text}`) }),
  );
  await effect.apply(event, tx);
  return log.slice(1);
}

describe('EventEffect', () => {
  it('makes a question of words', async () => {
    expect(await effectOf(aLaneEvent({ text: 'hello' }))).toEqual(['ask hello']);
  });

  it('takes words for an answer where somebody waits for one, and a command for a command', async () => {
    const thread = { isAsked: true };
    expect(await effectOf(aLaneEvent({ text: '2', thread }))).toEqual(['answer 2']);
    expect(await effectOf(aLaneEvent({ text: '/stop', thread }))).toEqual(['stop  en']);
  });

  it('gives a command to who runs it, with its argument and in the language of the asker', async () => {
    const asker = anAsker({ locale: 'zh' });
    expect(await effectOf(aLaneEvent({ text: '/switch 2' }), asker)).toEqual(['switch 2 zh']);
  });

  it('hears nobody without access: no command, no question', async () => {
    const channel = { access: accessRules.parse({ deny: { people: ['staff-1'] } }) };
    for (const text of ['hello', '/help', ''])
      expect(await effectOf(aLaneEvent({ text, channel }))).toEqual(['refuse accessDenied']);
  });

  it('says that it found no words in an empty text', async () => {
    for (const contentType of ['text', 'richText', 'markdown'])
      expect(await effectOf(aLaneEvent({ text: '', message: { contentType, text: '' } }))).toEqual([
        expect.stringMatching(/^emptyMessage/),
      ]);
  });

  it('does not answer a flood of what it cannot read one by one', async () => {
    const video = aLaneEvent({ message: { contentType: 'video', text: '' } });
    const taken = { minuteQuestions: 0, minuteCommands: 120, dayQuestions: 0 };
    expect(await effectOf(video, anAsker({ taken }))).toEqual(['refuse tooManyMessages']);
  });

  it('names the kind of message that it cannot read', async () => {
    const video = aLaneEvent({ message: { contentType: 'video', text: '' } });
    expect(await effectOf(video)).toEqual([expect.stringMatching(/^unsupportedContent.*video/)]);
  });

  it('reads the words of a message of an unknown kind', async () => {
    const strange = aLaneEvent({ message: { contentType: 'hologram', text: 'hi' } });
    expect(await effectOf(strange)).toEqual(['ask hi']);
  });
});
