import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bot } from './support/bot';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';
import { projectRoot, type RedisSet, startRedisCluster, startSentinelSet } from './support/stack';

/** Redis as enterprises run it: several servers that take over from each other. */
describe.each([
  ['three sentinels, a master and two replicas', startSentinelSet],
  ['a Cluster of three masters and three replicas', startRedisCluster],
] as const)('Redis as %s', (_what, startSet) => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-redis-set-'));
  let set: RedisSet;
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    set = await startSet({
      dataDir: folder,
      cacheDir: join(projectRoot(), '.data', 'cache'),
    });
    installation = await Installation.start({ env: { ...set.env } });
    bot = await Bot.join(installation);
  });

  afterAll(async () => {
    await installation?.stop();
    await set?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('streams answers of several people at once', async () => {
    const people = await Promise.all([1, 2, 3, 4].map(() => bot.person()));
    await Promise.all(
      people.map(async (person) => {
        const question = `over several servers, ${person}`;
        expect((await bot.answerTo(person, question)).text).toBe(plainAnswerTo(question));
      }),
    );
  });

  it('P4 P5 a master that dies in the middle of an answer costs neither it nor the next ones', async () => {
    const person = await bot.person();
    const held = installation.model.hold('while the master dies');
    const { conversationId } = await bot.ask(person, 'while the master dies');
    await bot.untilWords(conversationId, held.text.slice(0, 20));

    await set.killMaster();
    const during = await bot.ask(await bot.person(), 'asked while nobody is master');
    held.release();

    const [reply] = await bot.untilReplies(conversationId, 1);
    expect(reply).toMatchObject({ kind: 'card', state: 'finished', text: held.text });
    const [late] = await bot.untilReplies(during.conversationId, 1);
    expect(late).toMatchObject({ text: plainAnswerTo('asked while nobody is master') });
    const { text } = await bot.answerTo(person, 'after the take-over');
    expect(text).toBe(plainAnswerTo('after the take-over'));
  });
});
