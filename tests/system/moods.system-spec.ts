import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import type { SandboxCard } from './support/sandbox-client';

/** The platform refuses, forgets or cuts off single calls; the person gets the whole answer once all the same. */
describe('while the platform is in a mood', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start();
  });

  afterAll(() => installation?.stop());
  afterEach(async () => {
    await installation.sandbox.clearFaults();
    await installation.sandbox.settings({ contentLimit: 0, repeatedCreate: 'reject' });
  });

  const words = Array.from({ length: 24 }, (_, n) => `word${n} `);
  const whole = words.join('').trimEnd();
  const cardOf = async (bot: Bot): Promise<SandboxCard> => {
    const cards = await installation.sandbox.cards(`clientId=${bot.clientId}`);
    expect(cards).toHaveLength(1);
    return cards[0] as SandboxCard; // there is one
  };
  const fault = (bot: Bot, on: string, act: object, more: object = {}) =>
    installation.sandbox.fault(`${bot.clientId}-${on}`, {
      on,
      clientId: bot.clientId,
      act,
      ...more,
    });

  it('C4 goes on with a new token when the old one is revoked in the middle of an answer', async () => {
    const bot = await Bot.join(installation, {
      channel: { card: { enabled: true, pace: 'smooth' } },
    });
    let goOn = (): void => undefined;
    const isRevoked = new Promise<void>((resolve) => (goOn = resolve));
    installation.model.on('revoke it', async (call) => {
      for (const word of words.slice(0, 12)) call.say(word);
      await isRevoked;
      await call.slowly(words.slice(12), 80);
    });

    const { conversationId } = await bot.ask(await bot.person(), 'revoke it');
    await bot.untilWords(conversationId, 'word1');
    await installation.sandbox.call('POST', `/apps/${bot.clientId}/revoke-token`);
    goOn();
    const [reply] = await bot.untilReplies(conversationId, 1);

    expect(reply).toMatchObject({ kind: 'card', state: 'finished' });
    expect(reply?.text.trimEnd()).toBe(whole);
  });

  it('C95 completes the text although every third frame is throttled', async () => {
    const bot = await Bot.join(installation, {
      channel: { card: { enabled: true, pace: 'smooth' } },
    });
    installation.model.on('throttle it', async (call) => {
      for (const word of words.slice(0, -1)) {
        await new Promise((resolve) => setTimeout(resolve, 120));
        call.say(word);
      }
      // However slow the machine is: the last word comes when the card has been seen to grow.
      await bot.untilFrames(2);
      call.say(words.at(-1) ?? '');
      call.end();
    });
    await fault(bot, 'streaming', { error: 'qps' }, { every: 3 });

    const { conversationId } = await bot.ask(await bot.person(), 'throttle it');
    const [reply] = await bot.untilReplies(conversationId, 1);

    expect(reply?.text.trimEnd()).toBe(whole);
    expect((await cardOf(bot)).frames.length).toBeGreaterThanOrEqual(2);
  });

  it.each(['reject', 'silent'])(
    'C82 makes one card when the answer to its creation was cut off (repeated: %s)',
    async (repeatedCreate) => {
      await installation.sandbox.settings({ repeatedCreate });
      const bot = await Bot.join(installation);
      await fault(bot, 'createAndDeliver', { resetAfterProcessing: true }, { times: 1 });

      const reply = await bot.answerTo(await bot.person(), 'cut the creation');

      expect(reply).toMatchObject({ kind: 'card', state: 'finished' });
      await cardOf(bot);
    },
  );

  it('C84 repeats a final frame of unknown outcome as the same call', async () => {
    const card = { enabled: true, pace: 'off', templateId: 'carillon-sandbox.schema' };
    const bot = await Bot.join(installation, { channel: { card } });
    await fault(bot, 'streaming', { resetAfterProcessing: true }, { times: 1 });

    const reply = await bot.answerTo(await bot.person(), 'cut the end');

    expect(reply).toMatchObject({ kind: 'card', state: 'finished' });
    const { frames } = await cardOf(bot);
    expect(frames.filter(({ applied }) => applied)).toHaveLength(1);
    expect(await installation.sandbox.violations()).toEqual([]);
  });

  it.each([200, 3_000])(
    'C86 brings the whole answer, once, when a card takes no more than %d bytes',
    async (contentLimit) => {
      await installation.sandbox.settings({ contentLimit });
      const bot = await Bot.join(installation);
      const sentences = Array.from({ length: 300 }, (_, n) => `Sentence number ${n} of them.\n\n`);
      installation.model.on('long please', (call) => call.slowly(sentences, 1));

      const { msgId, conversationId } = await bot.ask(await bot.person(), 'long please');
      await eventually('the turn is delivered', async () => {
        const [turn] = await installation.admin.turnsOf(msgId);
        return turn?.state === 'delivered';
      });

      const text = (await bot.replies(conversationId)).map((reply) => reply.text).join('\n');
      for (const sentence of sentences) expect(text.split(sentence.trim())).toHaveLength(2);
      expect(await installation.sandbox.openCards(`clientId=${bot.clientId}`)).toEqual([]);
    },
  );
});
