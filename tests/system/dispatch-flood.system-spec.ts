import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';

/** Measured against itself a moment before, so it needs a machine with nothing else to do: LONG=1 only. */
const long = process.env['LONG'] === '1' ? describe : describe.skip;
const PER_SECOND = 100;
const SECONDS = 15;
const QUIET_PEOPLE = 5;

long(`one person who writes ${PER_SECOND} messages a second`, () => {
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    installation = await Installation.start({ replicas: { dispatcher: 2 } });
    bot = await Bot.join(installation, { channel: { card: { enabled: false } } });
  });

  afterAll(() => installation?.stop());

  /** Milliseconds from the post to the model's request, of quiet people who ask one after the other. */
  const p95OfOthers = async (isOver: () => boolean): Promise<number> => {
    const took: number[] = [];
    const people = await Promise.all(Array.from({ length: QUIET_PEOPLE }, () => bot.person()));
    for (let n = 0; !isOver(); n += 1) {
      const person = people[n % QUIET_PEOPLE] ?? '';
      const question = `quiet ${n} of ${person}`;
      const startedAt = performance.now();
      const { conversationId } = await bot.ask(person, question);
      await eventually('asked', () => installation.model.about(question).length > 0, 10_000);
      took.push(performance.now() - startedAt);
      const answers = Math.floor(n / QUIET_PEOPLE) + 1;
      await bot.untilReplies(conversationId, answers);
    }
    took.sort((one, other) => one - other);
    return took[Math.floor(took.length * 0.95)] ?? Infinity;
  };
  const forSeconds = (seconds: number): (() => boolean) => {
    const until = performance.now() + seconds * 1_000;
    return () => performance.now() >= until;
  };

  it('delays the others by no more than a fifth, and is answered politely, not one to one', async () => {
    await p95OfOthers(forSeconds(3));
    const quiet = await p95OfOthers(forSeconds(SECONDS));
    const flooder = await bot.person();
    const isOver = forSeconds(SECONDS);
    let posted = 0;
    let conversationId = '';
    const tick = setInterval(() => {
      posted += PER_SECOND / 20;
      for (let n = 0; n < PER_SECOND / 20; n += 1)
        void bot.ask(flooder, 'flood').then((asked) => (conversationId = asked.conversationId));
    }, 50);

    const flooded = await p95OfOthers(isOver);
    clearInterval(tick);

    process.stdout.write(
      `p95 of the others: ${quiet.toFixed(1)} ms alone, ${flooded.toFixed(1)} ms beside ${posted} messages\n`,
    );
    expect(posted).toBeGreaterThan(0.8 * PER_SECOND * SECONDS);
    const said = await bot.replies(conversationId);
    expect(said.filter(({ text }) => text.includes('wait already')).length).toBeLessThanOrEqual(2);
    expect(flooded).toBeLessThan(1.2 * quiet);
  });
});
