import { timed } from '@common/testing';
import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

describe('C41 SIGTERM in the middle of an answer', () => {
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    // Below the time of a takeover by lease: what is handed over must not need that.
    installation = await Installation.start({ env: { SHUTDOWN_DEADLINE_MS: '4000' } });
    bot = await Bot.join(installation);
  });

  afterAll(() => installation?.stop());

  const halfAnswered = async (question: string) => {
    const person = await bot.person();
    const held = installation.model.hold(question);
    const { conversationId, msgId } = await bot.ask(person, question);
    await bot.untilWords(conversationId, held.text.slice(0, 20));
    return { person, held, conversationId, msgId };
  };

  const expectOneEnd = async (conversationId: string, text: string) => {
    const [reply] = await bot.untilReplies(conversationId, 1);
    expect(reply).toMatchObject({ kind: 'card', state: 'finished', text });
    expect(await installation.sandbox.openCards()).toEqual([]);
    expect(await installation.sandbox.violations()).toEqual([]);
  };

  it('lets the generator finish what it answers and end with code 0', async () => {
    const { held, conversationId, msgId } = await halfAnswered('finish before you go');

    const stopped = installation.service('generator').stop();
    const generator = installation.service('generator');
    await eventually('it is no longer ready', async () => !(await generator.isReady()));
    held.release();

    expect(await stopped).toBe(0);
    await expectOneEnd(conversationId, held.text);
    expect(held.requests()).toBe(1);
    await generator.restart();
    const [turn] = await installation.admin.turnsOf(msgId);
    expect(turn?.attempt).toBe(1);
  });

  it('makes the generator give back what takes longer than its deadline', async () => {
    const { held, conversationId } = await halfAnswered('too slow for the deadline');

    expect(await installation.service('generator').stop()).toBe(0);
    await installation.service('generator').restart();
    // At once: nobody has to wait for a lease to run out.
    await held.asked(2, 4_000);
    held.release();

    await expectOneEnd(conversationId, held.text);
  });

  it('makes the sender hand over at once', async () => {
    const { held, conversationId } = await halfAnswered('another sender shows the end');

    const { value: code, tookMs } = await timed(() => installation.service('sender').stop());
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(3_000);
    held.release();
    await installation.service('sender').restart();

    await expectOneEnd(conversationId, held.text);
  });

  it('of gateway and dispatcher loses no message that comes meanwhile', async () => {
    const person = await bot.person();
    await Promise.all([
      installation.service('gateway').stop(),
      installation.service('dispatcher').stop(),
    ]);

    const asked = await bot.ask(person, 'is nobody there?');
    await Promise.all([
      installation.service('gateway').restart(),
      installation.service('dispatcher').restart(),
    ]);

    const [reply] = await bot.untilReplies(asked.conversationId, 1);
    expect(reply?.text).toBe(plainAnswerTo('is nobody there?'));
  });

  it('of everything at once, with Redis and Postgres up, ends every process with code 0', async () => {
    const codes = await Promise.all(installation.services.map((service) => service.stop()));

    expect(codes).toEqual(codes.map(() => 0));
    await Promise.all(installation.services.map((service) => service.restart()));
    const { text } = await bot.answerTo(await bot.person(), 'all back?');
    expect(text).toBe(plainAnswerTo('all back?'));
  });
});
