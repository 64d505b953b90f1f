import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Redis from 'ioredis';
import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';
import { projectRoot, type RunningRedis, startRedis } from './support/stack';

/** Has a Redis of its own: what is done to it must not meet other specs. */
describe('P5 Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-redis-'));
  const options = { dataDir: folder, cacheDir: join(projectRoot(), '.data', 'cache') };
  let redis: RunningRedis;
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    redis = await startRedis(options);
    installation = await Installation.start({ redisUrl: redis.url });
    bot = await Bot.join(installation);
  });

  afterAll(async () => {
    await installation?.stop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const flush = async () => {
    const client = new Redis(redis.url);
    await client.flushall();
    await client.quit();
  };

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
  };

  it('wiped in the middle of answers costs none of them, and the next message works', async () => {
    const talks = await Promise.all([
      halfAnswered('wiped while I speak'),
      halfAnswered('wiped as well'),
    ]);

    await flush();
    for (const { held } of talks) held.release();

    for (const { conversationId, held } of talks) await expectOneEnd(conversationId, held.text);
    const { text } = await bot.answerTo(talks[0]?.person ?? '', 'after the wipe');
    expect(text).toBe(plainAnswerTo('after the wipe'));
  });

  it('wiped over and over while questions come loses none', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => bot.person()));
    const asked = [];
    for (const person of people) {
      asked.push(await bot.ask(person, `wiped for ${person}`));
      await flush();
    }

    for (const [n, { conversationId }] of asked.entries())
      await expectOneEnd(conversationId, plainAnswerTo(`wiped for ${people[n] ?? ''}`));
  });

  it('P11 away: connections stay, questions are acknowledged, running answers end, the rest comes later', async () => {
    const before = await bot.connections();
    const { held, conversationId } = await halfAnswered('Redis goes away');

    await redis.stop();
    held.release();
    await expectOneEnd(conversationId, held.text);
    const person = await bot.person();
    const asked = await bot.ask(person, 'asked without Redis');
    await eventually('it is acknowledged', async () => {
      const pushes = await installation.sandbox.deliveries(bot.clientId);
      return pushes.find(({ key }) => key === asked.msgId)?.state === 'acked';
    });
    expect((await bot.connections()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    redis = await startRedis(options);

    await expectOneEnd(asked.conversationId, plainAnswerTo('asked without Redis'));
  });

  it('absent when services start keeps none of them from becoming ready', async () => {
    await redis.stop();
    await Promise.all(installation.services.map((service) => service.stop(8_000)));
    await Promise.all(installation.services.map((service) => service.restart()));
    const person = await bot.person();
    const asked = await bot.ask(person, 'asked before Redis came');
    redis = await startRedis(options);

    await expectOneEnd(asked.conversationId, plainAnswerTo('asked before Redis came'));
    expect(await installation.sandbox.openCards()).toEqual([]);
    expect(await installation.sandbox.violations()).toEqual([]);
  });
});
