import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';

const isLong = process.env['LONG'] === '1';
const apps = isLong ? 10 : 4;
const underFireMs = isLong ? 60_000 : 16_000;
const killEveryMs = 4_000;
/** However slow the machine is. */
const fewestKills = 3;
const questionsPerSecond = isLong ? 5 : 3;
const senders = 2;
const twiceMark = '(possibly sent twice)';

interface Question {
  readonly bot: Bot;
  readonly conversationId: string;
  readonly text: string;
}

describe('P4 P2 senders that are killed every four seconds under load', () => {
  let installation: Installation;
  let bots: Bot[];

  beforeAll(async () => {
    installation = await Installation.start({ replicas: { sender: senders } });
    // Half of the apps answer without cards: texts are what a crash could show twice.
    bots = await Promise.all(
      Array.from({ length: apps }, (_, n) =>
        Bot.join(installation, n % 2 ? { channel: { card: { enabled: false } } } : {}),
      ),
    );
    installation.model.on('under fire', async (call) => {
      const text = answerTo(call.request.question);
      await call.slowly(text.match(/.{1,20}/gsu) ?? [], 150);
    });
  });
  afterAll(() => installation?.stop());

  const answerTo = (question: string): string => `${'words '.repeat(30)}end of ${question}`;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  const askFor = async (ms: number): Promise<Question[]> => {
    const questions: Question[] = [];
    const until = Date.now() + ms;
    for (let n = 0; Date.now() < until; n += 1) {
      const bot = bots[n % bots.length] as Bot; // there are some
      const text = `under fire ${n}.`;
      const { conversationId } = await bot.ask(await bot.person(), text);
      questions.push({ bot, conversationId, text });
      await pause(1_000 / questionsPerSecond);
    }
    return questions;
  };
  const killFor = async (ms: number): Promise<void> => {
    const until = Date.now() + ms;
    let kills = 0;
    while (kills < fewestKills || Date.now() + killEveryMs <= until) {
      await pause(killEveryMs);
      const victim = installation.service('sender', kills % senders);
      await victim.kill();
      await victim.restart();
      kills += 1;
    }
  };

  it('leave no card open, no answer out, and no text twice that is not marked', async () => {
    const [questions] = await Promise.all([askFor(underFireMs), killFor(underFireMs)]);
    await eventually(
      'all cards are closed and all answers are there',
      async () => {
        if ((await installation.sandbox.openCards()).length > 0) return false;
        for (const { bot, conversationId } of questions)
          if ((await bot.replies(conversationId)).length === 0) return false;
        return true;
      },
      60_000,
    ).catch(async (error: Error) => {
      throw new Error(`${error.message} ${await installation.openWork()}`, { cause: error });
    });

    for (const { bot, conversationId, text } of questions) {
      const shown = (await bot.replies(conversationId)).filter((reply) =>
        reply.text.includes(`end of ${text}`),
      );
      const unmarked = shown.filter((reply) => !reply.text.startsWith(twiceMark));
      expect({ text, unmarked: unmarked.length }).toEqual({ text, unmarked: 1 });
      expect(shown.length).toBeLessThanOrEqual(2);
    }
    expect(await installation.sandbox.violations()).toEqual([]);
  });
});
