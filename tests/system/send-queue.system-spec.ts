import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

describe('a question behind another one', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start({ replicas: { sender: 2 } });
  });
  afterAll(() => installation?.stop());

  it('P3 P4 is told its place after a few seconds, in the card that then has its answer', async () => {
    const bot = await Bot.join(installation);
    const person = await bot.person();
    const held = installation.model.hold('the first takes long');
    const { conversationId } = await bot.ask(person, 'the first takes long');
    await held.asked();
    await bot.ask(person, 'the second waits');

    await eventually('the place is told', async () => {
      const entries = await installation.sandbox.entries(conversationId);
      return entries.some(({ text }) => text.includes('In the queue: number 1'));
    });
    expect(installation.model.about('the second waits')).toEqual([]);
    held.release();

    const replies = await bot.untilReplies(conversationId, 2);
    expect(replies.map(({ text }) => text)).toEqual([held.text, plainAnswerTo('the second waits')]);
    const entries = await installation.sandbox.entries(conversationId);
    expect(entries.filter(({ kind }) => kind === 'card')).toHaveLength(2);
    expect(await installation.sandbox.openCards()).toEqual([]);
    expect(await installation.sandbox.violations()).toEqual([]);
  });

  // Waits a second time for the same seconds; the card's case stands for both in every run.
  const inLong = process.env['LONG'] === '1' ? it : it.skip;
  inLong('P3 P4 is told its place by one message where there are no cards', async () => {
    const bot = await Bot.join(installation, { channel: { card: { enabled: false } } });
    const person = await bot.person();
    const held = installation.model.hold('one who takes long');
    const { conversationId } = await bot.ask(person, 'one who takes long');
    await held.asked();
    await bot.ask(person, 'one who waits');
    const said = async () => {
      const entries = await installation.sandbox.entries(conversationId);
      return entries.filter(({ kind }) => kind === 'bot').map(({ text }) => text);
    };

    await eventually('the place is told', async () => (await said()).length > 0);
    held.release();
    const replies = await bot.untilReplies(conversationId, 2);

    expect(replies.map(({ text }) => text)).toEqual([held.text, plainAnswerTo('one who waits')]);
    expect((await said()).filter((text) => text.includes('In the queue'))).toEqual([
      'In the queue: number 1, coming up…',
    ]);
  });
});
