import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Redis from 'ioredis';
import { Bot, texts } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';
import {
  projectRoot,
  type RunningPostgres,
  type RunningRedis,
  startPostgres,
  startRedis,
} from './support/stack';

/** A minute of load with a machine of its own: LONG=1 only. */
const long = process.env['LONG'] === '1' ? describe : describe.skip;
const APPS = 10;
const PEOPLE_PER_APP = 6;
const PER_SECOND = 20;
const SECONDS = 60;
const DISPATCHERS = 3;
const KILL_EVERY_MS = 3_000;
const ENDS_WITHIN_MS = 30_000;

interface Person {
  readonly bot: Bot;
  readonly id: string;
  readonly asked: string[];
  conversationId: string;
}

/** P4 P5: what a minute of kills, a wiped Redis and a Postgres that restarts leave behind. */
long(`${PER_SECOND} messages a second over ${APPS} apps while dispatchers are killed`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-fire-'));
  const database = { dataDir: join(folder, 'postgres'), fast: true };
  let postgres: RunningPostgres;
  let redis: RunningRedis;
  let installation: Installation;
  let people: Person[];

  beforeAll(async () => {
    const cacheDir = join(projectRoot(), '.data', 'cache');
    [postgres, redis] = await Promise.all([
      startPostgres(database),
      startRedis({ dataDir: join(folder, 'redis'), cacheDir }),
    ]);
    installation = await Installation.start({
      replicas: { dispatcher: DISPATCHERS },
      databaseUrl: postgres.url,
      redisUrl: redis.url,
    });
    const bots = await Promise.all(Array.from({ length: APPS }, () => Bot.join(installation)));
    people = await Promise.all(
      Array.from({ length: APPS * PEOPLE_PER_APP }, async (_, n) => {
        const bot = bots[n % APPS] as Bot; // n % APPS is one of them
        return { bot, id: await bot.person(), asked: [], conversationId: '' };
      }),
    );
  });

  afterAll(async () => {
    await installation?.stop();
    await Promise.all([redis?.stop(), postgres?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  /** One every three seconds, whoever is next; each has nine to come back, with or without its stores. */
  const killUntil = async (untilMs: number): Promise<number> => {
    const returns = new Map<number, Promise<void>>();
    let kills = 0;
    for (; Date.now() < untilMs; kills += 1) {
      const next = kills % DISPATCHERS;
      const victim = installation.service('dispatcher', next);
      await returns.get(next);
      await victim.kill();
      returns.set(next, victim.start());
      await pause(KILL_EVERY_MS);
    }
    await Promise.all(returns.values());
    return kills;
  };
  const flush = async (): Promise<void> => {
    const client = new Redis(redis.url);
    await client.flushall();
    await client.quit();
  };
  const restartPostgres = async (): Promise<void> => {
    await postgres.stop();
    postgres = await startPostgres(database);
  };
  const ask = async (n: number): Promise<void> => {
    const person = people[n % people.length] as Person; // one of them
    const text = `question ${n} of ${person.id}`;
    person.asked.push(text);
    person.conversationId = (await person.bot.ask(person.id, text)).conversationId;
  };
  /** What the gateway took of each person, in the order in which it did. */
  const receivedByPerson = async (): Promise<Map<string, string[]>> => {
    const rows = await installation.schema.query<{ person: string; text: string }>(
      `SELECT content -> 'sender' ->> 'staffId' AS person, content ->> 'text' AS text FROM inbound_event
        WHERE kind = 'message' ORDER BY received_at, id`,
    );
    const all = new Map<string, string[]>();
    for (const { person, text } of rows) all.set(person, [...(all.get(person) ?? []), text]);
    return all;
  };
  const load = async (untilMs: number): Promise<number> => {
    let n = 0;
    for (; Date.now() < untilMs; n += 1) {
      await ask(n);
      await pause(
        Math.max(0, untilMs - SECONDS * 1_000 + ((n + 1) * 1_000) / PER_SECOND - Date.now()),
      );
    }
    return n;
  };

  it('each question ends in exactly one visible end within 30 s after the last fault', async () => {
    const untilMs = Date.now() + SECONDS * 1_000;
    const faults = async (): Promise<void> => {
      await pause((SECONDS * 1_000) / 3);
      await flush();
      await pause((SECONDS * 1_000) / 3);
      await restartPostgres();
    };
    const [asked, kills] = await Promise.all([load(untilMs), killUntil(untilMs), faults()]);
    const healedMs = Date.now();

    await Promise.all(
      people.map(({ bot, conversationId, asked: all }) =>
        bot.untilReplies(conversationId, all.length, ENDS_WITHIN_MS + healedMs - Date.now()),
      ),
    );
    const tookMs = Date.now() - healedMs;
    process.stdout.write(`${asked} questions, ${kills} kills: at their ends after ${tookMs} ms\n`);
    expect(kills).toBeGreaterThan((0.7 * SECONDS * 1_000) / KILL_EVERY_MS);
    expect(asked).toBeGreaterThan(0.9 * PER_SECOND * SECONDS);
    // A second end would come after the first: give it the time to.
    await pause(5_000);
    const received = await receivedByPerson();
    for (const { bot, id, conversationId, asked: all } of people) {
      const inOrder = received.get(id) ?? [];
      expect([...inOrder].sort()).toEqual([...all].sort());
      // P3: in the order of receipt; what was not acknowledged in time comes again, and later.
      expect(texts(await bot.repliesByEnd(conversationId))).toEqual(inOrder.map(plainAnswerTo));
    }
    expect(await installation.sandbox.openCards()).toEqual([]);
    await eventually('nothing is open', async () => {
      const [row] = await installation.schema.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM turn WHERE ended_at IS NULL',
      );
      return row?.n === 0;
    });
  });
});
