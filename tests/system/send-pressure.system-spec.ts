import { Bot } from './support/bot';
import { CardLoad, type LoadFigures, summaryOf } from './support/card-load';
import { Installation } from './support/installation';

const isLong = process.env['LONG'] === '1';
const part = isLong ? 1 : 0.5;
const report = (what: string, figures: LoadFigures): void => {
  if (isLong) process.stdout.write(`${what}: ${summaryOf(figures)}\n`);
};

describe('P7 under pressure', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start({ replicas: { sender: 2 } });
  });
  afterEach(() => installation.sandbox.settings({ qpsPer: 'api' }));
  afterAll(() => installation?.stop());

  it('a ceiling halved in mid-load without notice is found within five seconds', async () => {
    const clientSecret = 'halved-secret';
    const bot = await Bot.join(installation, {
      app: { qps: 20, clientSecret },
      channel: { clientSecret },
    });
    // Never fewer: below a hundred calls after the halving, one refusal alone is more than 1 %.
    const questions = 120;
    let halvedAt = 0;
    const halve = () => {
      halvedAt = Date.now();
      return installation.sandbox.putApp(bot.clientId, { clientSecret, qps: 10 });
    };

    const figures = await new CardLoad(installation, bot).run('halved', {
      questions,
      perSecond: 6,
      answerMs: 3_000,
      onAsked: (count) => (count === questions / 3 ? halve() : undefined),
    });

    report('halved', figures);
    expect(figures).toMatchObject({ finishedInCard: questions, open: 0, twice: 0 });
    const later = (at: number): boolean => at > halvedAt + 5_000;
    const [refused, calls] = [figures.refusedAt.filter(later), figures.calledAt.filter(later)];
    expect(refused.length / calls.length).toBeLessThan(0.01);
  });

  it('a limit on all calls of an app together costs frames, not answers', async () => {
    await installation.sandbox.settings({ qpsPer: 'app' });
    const bot = await Bot.join(installation, { app: { qps: 20 } });

    const figures = await new CardLoad(installation, bot).run('together', {
      questions: 100 * part,
      perSecond: 10,
      answerMs: 3_000,
    });

    report('20/s for the app as a whole', figures);
    expect(figures).toMatchObject({ finishedInCard: figures.asked, open: 0, twice: 0 });
    expect(figures.p99).toBeLessThanOrEqual(isLong ? 8_000 : 12_000);
  });

  it('a noisy app delays no other, and its own threads share what it has', async () => {
    const [noisy, quiet] = [await Bot.join(installation), await Bot.join(installation)];
    const some = { questions: 10 * part, perSecond: 2, answerMs: 1_000 };
    const load = { questions: 60, perSecond: 12, answerMs: 1_000 };
    const alone = await new CardLoad(installation, quiet).run('alone', some);

    const [crowd, beside] = await Promise.all([
      new CardLoad(installation, noisy).run('noisy', load),
      new CardLoad(installation, quiet).run('beside', some),
    ]);

    report('quiet app alone', alone);
    report('quiet app beside a noisy one', beside);
    report('noisy app', crowd);
    expect(beside).toMatchObject({ finishedInCard: beside.asked, open: 0 });
    expect(crowd).toMatchObject({ finishedInCard: 60, open: 0, twice: 0 });
    expect(beside.p50).toBeLessThan(alone.p50 * (isLong ? 1.1 : 1.5));
    // 60 finals at 18 a second: what everybody would wait if all came at the same moment.
    const fairShareMs = (60 / 18) * 1_000;
    expect(crowd.max - load.answerMs).toBeLessThan(2 * fairShareMs);
  });
});
