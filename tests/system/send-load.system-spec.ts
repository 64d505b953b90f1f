import { Bot } from './support/bot';
import { CardLoad, type LoadFigures, summaryOf } from './support/card-load';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

/** `npm run bench:cards` measures the whole; CI a third of it, on machines that do other things too. */
const isLong = process.env['LONG'] === '1';
const questions = isLong ? 100 : 40;
/** What a busy machine of two cores adds to a figure. */
const slack = isLong ? 1 : 2;

function report(what: string, figures: LoadFigures): void {
  if (isLong) process.stdout.write(`${what}: ${summaryOf(figures)}\n`);
}
function expectAllInCards(figures: LoadFigures): void {
  expect(figures).toMatchObject({ finishedInCard: figures.asked, open: 0, asText: 0, twice: 0 });
  expect(figures.refused).toBeLessThan(0.01);
  expect(figures.cardCalls).toBeLessThanOrEqual(figures.asked * 6);
}

describe.each([1, 3])('P7 ten answers a second of three seconds each, %d sender(s)', (senders) => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start({ replicas: { sender: senders } });
  });
  afterAll(() => installation?.stop());

  const load = async (qps: number, name: string) => {
    const bot = await Bot.join(installation, {
      app: { qps },
      ...(qps > 20 ? { channel: { callsPerSecond: qps * 0.9 } } : {}),
    });
    const shape = { questions, perSecond: 10, answerMs: 3_000 };
    return new CardLoad(installation, bot).run(name, shape);
  };

  const it40 = isLong || senders === 1 ? it : it.skip;
  const it20 = isLong || senders === 3 ? it : it.skip;

  it40('40 calls a second: all in their cards, and the end as soon as it is known', async () => {
    const figures = await load(40, 'fast');
    report(`${senders} sender(s), 40/s`, figures);
    expectAllInCards(figures);
    expect(figures.p50).toBeLessThanOrEqual(3_100 * slack);
    expect(figures.p99).toBeLessThanOrEqual(4_500 * slack);
  });

  it20('20 calls a second: all in their cards', async () => {
    const figures = await load(20, 'default');
    report(`${senders} sender(s), 20/s`, figures);
    expectAllInCards(figures);
    expect(figures.p99).toBeLessThanOrEqual(6_000 * slack);
  });

  // The slots are the same however many senders take them; those that share them have a spec in `budget`.
  const itOnce = senders === 1 ? it : it.skip;
  itOnce(
    'C68 P7 fifty at once all arrive, and the platform never has to say "too fast"',
    async () => {
      const bot = await Bot.join(installation);
      const people = await Promise.all(Array.from({ length: 50 }, () => bot.person()));

      const asked = await Promise.all(people.map((person) => bot.ask(person, `hi from ${person}`)));

      for (const [n, { conversationId }] of asked.entries()) {
        const [reply] = await bot.untilReplies(conversationId, 1);
        expect(reply?.text).toBe(plainAnswerTo(`hi from ${people[n] ?? ''}`));
      }
      const calls = await installation.sandbox.calls(`clientId=${bot.clientId}`);
      expect(calls.filter(({ status }) => status !== 200)).toEqual([]);
    },
  );
});
