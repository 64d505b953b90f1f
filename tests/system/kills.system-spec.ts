import { Client } from 'pg';
import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';
import type { ServiceName } from './support/service-process';

/** Leases last 6 s and the sweeper looks every 2 s; the rest is room for a busy machine. */
const takeoverMs = 30_000;

describe('P4 kill -9 in the middle of an answer', () => {
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    installation = await Installation.start();
    bot = await Bot.join(installation);
  }, 60_000);

  afterAll(() => installation?.stop(), 30_000);

  /** Several people whose answers stand in the middle, with words on their cards. */
  const halfAnswered = async (about: string) => {
    const people = await Promise.all([bot.person(), bot.person(), bot.person()]);
    const talks = people.map(async (person, n) => {
      const held = installation.model.hold(`${about} ${n}`);
      const { conversationId, msgId } = await bot.ask(person, `${about} ${n}`);
      await bot.untilWords(conversationId, held.text.slice(0, 20));
      return { person, held, conversationId, msgId };
    });
    return Promise.all(talks);
  };
  type Talk = Awaited<ReturnType<typeof halfAnswered>>[number];

  const expectOneEndEach = async (talks: readonly Talk[]) => {
    for (const { conversationId, held, msgId } of talks) {
      const [reply] = await bot.untilReplies(conversationId, 1, takeoverMs);
      expect(reply).toMatchObject({ kind: 'card', state: 'finished', text: held.text });
      const [turn, ...others] = await installation.admin.turnsOf(msgId);
      expect(others).toEqual([]);
      await eventually('the turn ends', async () => {
        const [now] = await installation.admin.turnsOf(msgId);
        return now?.state === 'delivered' && now.id === turn?.id;
      });
    }
    for (const { person, conversationId, held } of talks) {
      await bot.ask(person, `next for ${person}`);
      const replies = await bot.untilReplies(conversationId, 2);
      expect(replies.map(({ text }) => text)).toEqual([
        held.text,
        plainAnswerTo(`next for ${person}`),
      ]);
    }
    expect(await installation.sandbox.openCards()).toEqual([]);
    expect(await installation.sandbox.violations()).toEqual([]);
  };

  const killed = async (name: ServiceName) => {
    await installation.service(name).kill();
    await installation.service(name).restart();
  };

  it.each<ServiceName>(['gateway', 'dispatcher', 'admin-api'])(
    'of the %s leaves every answer with one end',
    async (name) => {
      const talks = await halfAnswered(`while ${name} dies`);

      await killed(name);
      if (name === 'gateway') await installation.admin.untilState(bot.channelId, 'connected');
      for (const { held } of talks) held.release();

      await expectOneEndEach(talks);
    },
    takeoverMs + 15_000,
  );

  it(
    'of the generator: another life of it answers again, in the same card',
    async () => {
      const talks = await halfAnswered('while generator dies');

      await killed('generator');
      for (const { held } of talks) {
        await held.asked(2, takeoverMs);
        held.release();
      }

      await expectOneEndEach(talks);
    },
    takeoverMs + 15_000,
  );

  it(
    'of the sender: another life of it goes on with the same card',
    async () => {
      const talks = await halfAnswered('while sender dies');

      await killed('sender');
      for (const { held } of talks) held.release();

      await expectOneEndEach(talks);
    },
    takeoverMs + 15_000,
  );

  it(
    'or a pause longer than its lease: a sender that wakes up again leaves no answer unfinished',
    async () => {
      const talks = await halfAnswered('while sender sleeps');
      const { pid } = installation.service('sender');
      process.kill(pid, 'SIGSTOP');
      await eventually(
        'its deliveries are woken for somebody else',
        async () => {
          const rows = await installation.schema.query<{ wake: number }>(
            `SELECT wake FROM delivery WHERE state = 'open'`,
          );
          return rows.length === talks.length && rows.every(({ wake }) => wake > 0);
        },
        takeoverMs,
      );

      process.kill(pid, 'SIGCONT');
      for (const { held } of talks) held.release();

      await expectOneEndEach(talks);
    },
    takeoverMs + 15_000,
  );

  it(
    'or heartbeats that take seconds: a sender that may not trust its lease gives its deliveries back',
    async () => {
      const talks = await halfAnswered('while hearts beat slowly');
      const lock = new Client({ connectionString: installation.schema.url });
      await lock.connect();
      await lock.query('BEGIN; LOCK TABLE incarnation IN EXCLUSIVE MODE');
      const beatsWaitFor = (seconds: number) =>
        eventually(`every beat waits ${seconds} s`, async () => {
          const [row] = await installation.schema.query<{ count: string }>(
            `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                AND query LIKE 'INSERT INTO incarnation%' AND now() - query_start > $1 * interval '1 second'`,
            [seconds],
          );
          return Number(row?.count) >= installation.services.length;
        });

      // Longer than what a call may take, shorter than a lease: nobody else may take over.
      await beatsWaitFor(2.2);
      for (const { held } of talks) held.release();
      await beatsWaitFor(3);
      await lock.query('COMMIT');
      await lock.end();

      await expectOneEndEach(talks);
    },
    takeoverMs + 15_000,
  );

  it(
    'of the sender right after it created the card, before it knew: there is one card and one end',
    async () => {
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
    },
    takeoverMs + 15_000,
  );
});
