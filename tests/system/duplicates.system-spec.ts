import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

describe('a platform message that comes more than once', () => {
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    installation = await Installation.start({
      replicas: { gateway: 2, dispatcher: 2, generator: 2, sender: 2 },
    });
    bot = await Bot.join(installation, { channel: { connections: 2 } });
    await eventually('a socket of each gateway', async () => {
      return (await bot.connections()).length === 2;
    });
  });

  afterAll(() => installation?.stop());

  const deliveriesOf = async (msgId: string) =>
    (await installation.sandbox.deliveries(bot.clientId)).filter(({ key }) => key === msgId);

  it('P2 C32 is one turn and one answer when five copies come over two gateways at once', async () => {
    const person = await bot.person();

    const asked = await bot.ask(person, 'five times', { copies: 5, spread: 'each' });
    await bot.untilReplies(asked.conversationId, 1);
    await eventually('every copy is acknowledged', async () => {
      const copies = await deliveriesOf(asked.msgId);
      return copies.length === 5 && copies.every(({ state }) => state === 'acked');
    });

    const copies = await deliveriesOf(asked.msgId);
    const sockets = new Set(copies.flatMap(({ pushes }) => pushes).map((one) => one.connectionId));
    expect(sockets.size).toBe(2);
    expect(await installation.admin.turnsOf(asked.msgId)).toHaveLength(1);
    expect(installation.model.about('five times')).toHaveLength(1);
    // The next answer is the second one: no other has come meanwhile.
    await bot.ask(person, 'and now something else');
    const replies = await bot.untilReplies(asked.conversationId, 2);
    expect(replies.map(({ text }) => text)).toEqual([
      plainAnswerTo('five times'),
      plainAnswerTo('and now something else'),
    ]);
  });

  it('P2 C30 is one turn when the acknowledgement was lost and it is pushed again', async () => {
    const person = await bot.person();
    const first = await bot.ask(person, 'once more');
    await bot.untilReplies(first.conversationId, 1);

    // The platform's redelivery: the same message id in a frame with a new message id of its own.
    await bot.ask(person, 'once more', { msgId: first.msgId });
    await eventually('both pushes are acknowledged', async () => {
      const pushes = await deliveriesOf(first.msgId);
      return pushes.length === 2 && pushes.every(({ state }) => state === 'acked');
    });
    await bot.ask(person, 'the next one');

    const replies = await bot.untilReplies(first.conversationId, 2);
    expect(replies.map(({ text }) => text)).toEqual([
      plainAnswerTo('once more'),
      plainAnswerTo('the next one'),
    ]);
    expect(await installation.admin.turnsOf(first.msgId)).toHaveLength(1);
  });

  it('P3 C34 is answered in its turn, whichever of two gateways it came to', async () => {
    const person = await bot.person();
    const questions = Array.from({ length: 16 }, (_, n) => `number ${n} of sixteen`);
    const sockets = new Set<string>();
    let conversationId = '';
    for (const question of questions) {
      const asked = await bot.ask(person, question);
      conversationId = asked.conversationId;
      // The platform has let go of it; no clock but the order of the questions counts.
      const [delivery] = await eventually('it is acknowledged', async () => {
        const found = await deliveriesOf(asked.msgId);
        return found.every(({ state }) => state === 'acked') && found.length > 0 && found;
      });
      delivery?.pushes.forEach((push) => sockets.add(push.connectionId));
    }

    const replies = await bot.untilReplies(conversationId, questions.length);

    expect(sockets.size).toBe(2);
    expect(replies.map(({ text }) => text)).toEqual(questions.map(plainAnswerTo));
  });

  it('P2 C36 is answered once when the gateway that got it died without acknowledging', async () => {
    await installation.sandbox.settings({ redeliveryMs: 1_000, ghostMs: 3_000 });
    // So many that some of them meet the dead one, whatever the platform's dice say.
    const people = await Promise.all(Array.from({ length: 16 }, () => bot.person()));

    const killed = installation.service('gateway', 0).kill();
    const asked = await Promise.all(people.map((person) => bot.ask(person, `who is ${person}`)));
    await killed;

    for (const [n, { conversationId, msgId }] of asked.entries()) {
      const [reply] = await bot.untilReplies(conversationId, 1);
      expect(reply?.text).toBe(plainAnswerTo(`who is ${people[n] ?? ''}`));
      expect(await installation.admin.turnsOf(msgId)).toHaveLength(1);
    }
    const copies = await installation.sandbox.deliveries(bot.clientId);
    expect(copies.flatMap(({ pushes }) => pushes).length).toBeGreaterThan(copies.length);
    await installation.service('gateway', 0).restart();
  });

  it('C33 is answered by each of two bots that were asked with the same message id', async () => {
    const [other, person] = [await Bot.join(installation), await bot.person()];
    const groupId = await bot.group([person]);

    const asked = await bot.ask(person, 'you both', { groupId });
    await other.ask(person, 'you both', { groupId, msgId: asked.msgId });

    const [mine] = await bot.untilReplies(asked.conversationId, 1);
    const [theirs] = await other.untilReplies(asked.conversationId, 1);
    expect([mine?.text, theirs?.text]).toEqual([
      plainAnswerTo('you both'),
      plainAnswerTo('you both'),
    ]);
    expect(await installation.sandbox.violations()).toEqual([]);
  });
});
