import { Bot } from './support/bot';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

describe('an answer', () => {
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    installation = await Installation.start();
    bot = await Bot.join(installation);
  });

  afterAll(() => installation?.stop());

  const committedAnswer = async (msgId: string): Promise<string> => {
    const rows = await installation.schema.query<{ answer: string }>(
      `SELECT t.answer FROM turn t JOIN inbound_event e ON e.turn_id = t.id WHERE e.platform_message_id = $1`,
      [msgId],
    );
    expect(rows).toHaveLength(1);
    return rows[0]?.answer ?? '';
  };

  const words = (count: number) => Array.from({ length: count }, (_, n) => `word${n} `);

  it('grows in a card of the 1:1 chat and ends with the committed text', async () => {
    installation.model.on('grow please', async (call) => {
      // However slow the machine is: the last word comes when the card has been seen to grow.
      for (const word of words(29)) {
        call.say(word);
        await new Promise((resolve) => setTimeout(resolve, 80));
      }
      await bot.untilFrames(2);
      call.say('word29 ');
      call.end();
    });
    const person = await bot.person();

    const asked = await bot.ask(person, 'grow please');
    const [reply] = await bot.untilReplies(asked.conversationId, 1);

    const text = words(30).join('').trimEnd();
    expect(reply).toMatchObject({ kind: 'card', state: 'finished' });
    expect(reply?.text.trimEnd()).toBe(text);
    expect((await committedAnswer(asked.msgId)).trimEnd()).toBe(text);
    const [card] = (await installation.sandbox.cards(`clientId=${bot.clientId}`)).filter(
      ({ outTrackId }) => outTrackId === reply?.outTrackId,
    );
    expect(card?.space?.spaceType).toBe('IM_ROBOT');
    const lengths = (card?.frames ?? []).map(({ contentLength }) => contentLength);
    expect(lengths.length).toBeGreaterThanOrEqual(3);
    expect(lengths).toEqual([...lengths].sort((one, other) => one - other));
    expect(card?.frames.filter(({ isFinalize }) => isFinalize)).toHaveLength(1);
  });

  it('goes to the group it was asked in and mentions who asked', async () => {
    const [asker, bystander] = [await bot.person(), await bot.person()];
    const groupId = await bot.group([asker, bystander]);

    const asked = await bot.ask(asker, 'what is it?', { groupId });
    const [reply] = await bot.untilReplies(asked.conversationId, 1);

    expect(reply).toMatchObject({ kind: 'card', text: plainAnswerTo('what is it?') });
    expect(reply?.mentions.map(({ id }) => id)).toEqual([asker]);
    expect(await committedAnswer(asked.msgId)).toBe(plainAnswerTo('what is it?'));
  });

  it('leaves no open card and breaks no rule of the platform', async () => {
    expect(await installation.sandbox.openCards()).toEqual([]);
    expect(await installation.sandbox.violations()).toEqual([]);
  });
});
