import type { Tx, Work } from '@common/persistence';
import { standIn } from '@common/testing';

import { EventEffect } from './event-effect.service';
import { aLaneEvent } from './lane-event.fixture';
import type { PlainReplies } from './plain-replies.service';
import type { SessionBook } from './session-book.service';
import type { TurnBook } from './turn-book.service';

const tx = standIn<Tx>({});

function anEffect() {
  const log: string[] = [];
  const replied: Work = { delivery: { id: 'reply', wake: 0 } };
  const effect = new EventEffect(
    standIn<SessionBook>({
      current: () => Promise.resolve({ id: 'current' }),
      startNew: () => {
        log.push('new session');
        return Promise.resolve({ id: 'new' });
      },
    }),
    standIn<TurnBook>({
      open: (event, sessionId) => {
        log.push(`turn in ${sessionId}: ${event.message.text}`);
        return Promise.resolve({});
      },
    }),
    standIn<PlainReplies>({
      reply: (_event, cause, text) => {
        log.push(`${cause}: ${text}`);
        return Promise.resolve(replied);
      },
    }),
  );
  return { effect, log };
}

const causes = async (event: Parameters<EventEffect['apply']>[0]): Promise<string[]> => {
  const { effect, log } = anEffect();
  await effect.apply(event, tx);
  return log;
};

describe('EventEffect', () => {
  it('opens a turn for words, in the current session', async () => {
    expect(await causes(aLaneEvent({ text: 'hello' }))).toEqual(['turn in current: hello']);
  });

  it('answers /help with the name of the bot, without a turn', async () => {
    const [said, ...more] = await causes(
      aLaneEvent({ text: '/help', channel: { name: 'Glocke' } }),
    );
    expect(said).toMatch(/^help: I am Glocke/);
    expect(more).toEqual([]);
  });

  it('starts a session for /new and says so', async () => {
    expect(await causes(aLaneEvent({ text: '/new' }))).toEqual([
      'new session',
      'newSession: Done: this is a new conversation.',
    ]);
  });

  it('refuses everything in one sentence while the channel is disabled, commands too', async () => {
    for (const text of ['hello', '/new', ''])
      expect(await causes(aLaneEvent({ text, channel: { enabled: false } }))).toEqual([
        expect.stringMatching(/^channelDisabled: This bot was switched off/),
      ]);
  });

  it('says that it found no words in an empty text', async () => {
    for (const contentType of ['text', 'richText', 'markdown'])
      expect(await causes(aLaneEvent({ text: '', message: { contentType, text: '' } }))).toEqual([
        expect.stringMatching(/^emptyMessage/),
      ]);
  });

  it('names the kind of message that it cannot read', async () => {
    const video = aLaneEvent({ message: { contentType: 'video', text: '' } });
    expect(await causes(video)).toEqual([expect.stringMatching(/^unsupportedContent.*video/)]);
  });

  it('reads the words of a message of an unknown kind', async () => {
    const strange = aLaneEvent({ message: { contentType: 'hologram', text: 'hi' } });
    expect(await causes(strange)).toEqual(['turn in current: hi']);
  });

  it('speaks the language of the channel', async () => {
    expect(await causes(aLaneEvent({ text: '/new', channel: { locale: 'zh' } }))).toContain(
      'newSession: 好的，我们开始新的对话。',
    );
  });
});
