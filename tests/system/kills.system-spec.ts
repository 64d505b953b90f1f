import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';
import type { ServiceName } from './support/service-process';
import { takeoverMs, Talks } from './support/talks';

describe('P4 kill -9 in the middle of an answer', () => {
  let installation: Installation;
  let bot: Bot;
  let talksOf: Talks;

  beforeAll(async () => {
    installation = await Installation.start();
    bot = await Bot.join(installation);
    talksOf = new Talks(installation, bot);
  });

  afterAll(() => installation?.stop());

  const killed = async (name: ServiceName) => {
    await installation.service(name).kill();
    await installation.service(name).restart();
  };

  it.each<ServiceName>(['gateway', 'dispatcher', 'admin-api'])(
    'of the %s leaves every answer with one end',
    async (name) => {
      const talks = await talksOf.halfAnswered(`while ${name} dies`);

      await killed(name);
      if (name === 'gateway') await installation.admin.untilState(bot.channelId, 'connected');
      for (const { held } of talks) held.release();

      await talksOf.expectOneEndEach(talks);
    },
  );

  it('of the generator: another life of it answers again, in the same card', async () => {
    const talks = await talksOf.halfAnswered('while generator dies');

    await killed('generator');
    for (const { held } of talks) {
      await held.asked(2, takeoverMs);
      held.release();
    }

    await talksOf.expectOneEndEach(talks);
  });

  it('of the sender: another life of it goes on with the same card', async () => {
    const talks = await talksOf.halfAnswered('while sender dies');

    await killed('sender');
    for (const { held } of talks) held.release();

    await talksOf.expectOneEndEach(talks);
  });

  it('of the sender right after it created the card, before it knew: there is one card and one end', async () => {
    const person = await bot.person();
    await installation.sandbox.fault('slow create', {
      on: 'createAndDeliver',
      clientId: bot.clientId,
      times: 1,
      act: { delayAnswerMs: 3_000 },
    });
    const asked = await bot.ask(person, 'created and forgotten');
    await eventually('the card is there', async () => {
      const entries = await installation.sandbox.entries(asked.conversationId);
      return entries.some(({ kind }) => kind === 'card');
    });

    await killed('sender');

    const [reply] = await bot.untilReplies(asked.conversationId, 1, takeoverMs);
    expect(reply?.text).toBe(plainAnswerTo('created and forgotten'));
    const entries = await installation.sandbox.entries(asked.conversationId);
    expect(entries.filter(({ kind }) => kind !== 'user')).toHaveLength(1);
    expect(await installation.sandbox.openCards()).toEqual([]);
  });
});
