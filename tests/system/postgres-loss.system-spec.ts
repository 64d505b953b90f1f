import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Asked, Bot } from './support/bot';
import { eventually } from './support/eventually';
import { signalFamily } from './support/family';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';
import { type RunningPostgres, startPostgres } from './support/stack';

/** Takeovers wait for two lease periods after Postgres was away; the rest is room for a busy machine. */
const recoveryMs = 30_000;

/** Has a Postgres of its own: what is done to it must not meet other specs. */
describe('P1 Postgres', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-postgres-'));
  const options = { dataDir: folder, fast: true };
  let postgres: RunningPostgres;
  let installation: Installation;
  let bot: Bot;
  let people: string[];

  beforeAll(async () => {
    postgres = await startPostgres(options);
    installation = await Installation.start({ databaseUrl: postgres.url });
    bot = await Bot.join(installation);
    people = await Promise.all(Array.from({ length: 8 }, () => bot.person()));
    // Everybody has a thread, and every connection of every pool is warm.
    await Promise.all(people.map((person) => bot.answerTo(person, `hello from ${person}`)));
  });

  afterAll(async () => {
    await installation?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Each says two things, one after the other. */
  const load = async (about: string): Promise<Asked[]> => {
    const asked: Asked[] = [];
    for (const round of [1, 2])
      for (const person of people)
        asked.push(await bot.ask(person, `${about} ${round} of ${person}`));
    return asked;
  };

  const pushesOf = async (asked: readonly Asked[]) => {
    const wanted = new Set(asked.map(({ msgId }) => msgId));
    const deliveries = await installation.sandbox.deliveries(bot.clientId);
    return deliveries.filter(({ key }) => wanted.has(key));
  };

  const untilAcknowledged = (asked: readonly Asked[]) =>
    eventually('all of it is acknowledged', async () => {
      const deliveries = await pushesOf(asked);
      return deliveries.length === asked.length && deliveries.every((one) => one.state === 'acked');
    });

  const expectAnswersInOrder = async (about: string, asked: readonly Asked[], before: number) => {
    for (const [n, person] of people.entries()) {
      const conversationId = asked[n]?.conversationId ?? '';
      const replies = await bot.untilReplies(conversationId, before + 2, recoveryMs);
      expect(replies.slice(before).map(({ text }) => text)).toEqual(
        [1, 2].map((round) => plainAnswerTo(`${about} ${round} of ${person}`)),
      );
    }
    for (const { msgId } of asked) expect(await installation.admin.turnsOf(msgId)).toHaveLength(1);
  };

  it('that hangs: messages are acknowledged in time, nobody restarts, all are answered once and in order', async () => {
    const pids = installation.services.map(({ pid }) => pid);

    await installation.sandbox.settings({ redeliveryMs: 20_000 });
    signalFamily(postgres.pid, 'SIGSTOP');
    const asked = await load('while it hangs');
    await untilAcknowledged(asked);
    // Each was pushed once: its acknowledgement came before the platform's deadline.
    const pushes = (await pushesOf(asked)).map((one) => one.pushes);
    expect(pushes.map(({ length }) => length)).toEqual(asked.map(() => 1));
    const times = pushes.flat().map(({ at, ackedAt = Infinity }) => ackedAt - at);
    expect(Math.max(...times)).toBeLessThan(3_000);
    signalFamily(postgres.pid, 'SIGCONT');
    await installation.sandbox.settings({ redeliveryMs: 3_000 });

    await expectAnswersInOrder('while it hangs', asked, 1);
    expect(installation.services.map(({ pid }) => pid)).toEqual(pids);
  });

  it('that is killed, and then the gateway too: what Redis took is answered once when both are back', async () => {
    process.kill(postgres.pid, 'SIGKILL');
    await postgres.ended;
    const asked = await load('while it is dead');
    await untilAcknowledged(asked);

    await installation.service('gateway').kill();
    await postgres.stop();
    postgres = await startPostgres(options);
    await installation.service('gateway').restart();

    await expectAnswersInOrder('while it is dead', asked, 3);
  });

  it('left no open card and broke no rule of the platform', async () => {
    expect(await installation.sandbox.openCards()).toEqual([]);
    expect(await installation.sandbox.violations()).toEqual([]);
  });
});
