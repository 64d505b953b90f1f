import { randomBytes } from 'node:crypto';
import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

interface Pending {
  readonly since: string;
  readonly tries: number;
  readonly lastError: { readonly code: string } | null;
}

/** A question that meets the restart of the only dispatcher, and then that of the only generator. */
const WITHOUT_ONE_MS = 45_000;
/** Some 40 s of restarts. */
const whenLong = process.env['LONG'] === '1' ? it : it.skip;

describe('a secret that changes under load', () => {
  let installation: Installation;
  let bot: Bot;

  beforeAll(async () => {
    installation = await Installation.start({ replicas: { gateway: 2, sender: 2 } });
  });
  afterAll(() => installation?.stop());
  beforeEach(async () => {
    bot = await Bot.join(installation);
  });

  const newSecret = () => `next-${randomBytes(12).toString('hex')}`;
  const tryIn = (clientSecret: string) =>
    installation.admin.call<{ pendingSecret: Pending | null }>(
      'POST',
      `/channels/${bot.channelId}/secrets`,
      { clientSecret },
    );
  const rotate = (clientSecret: string, more: object) =>
    installation.sandbox.call('POST', `/apps/${bot.clientId}/rotate-secret`, {
      clientSecret,
      ...more,
    });
  const pending = async (): Promise<Pending | null> =>
    (
      await installation.admin.call<{ pendingSecret: Pending | null }>(
        'GET',
        `/channels/${bot.channelId}`,
      )
    ).pendingSecret;
  const untilTaken = () =>
    eventually('the new secret is the present one', async () => (await pending()) === null, 60_000);

  /** Questions one after the other while `deeds` are done; every one must be answered in full. */
  async function underLoad(deeds: () => Promise<unknown>, withinMs?: number): Promise<void> {
    let isOver = false;
    const asking = Array.from({ length: 4 }, async (_, n) => {
      const person = await bot.person();
      let asked = 0;
      do {
        const question = `question ${asked} of ${n}`;
        const { conversationId } = await bot.ask(person, question);
        asked += 1;
        const replies = await bot.untilReplies(conversationId, asked, withinMs);
        expect(replies.at(-1)?.text).toBe(plainAnswerTo(question));
      } while (!isOver);
      return asked;
    });
    await deeds().finally(() => (isOver = true));
    for (const asked of await Promise.all(asking)) expect(asked).toBeGreaterThan(0);
  }

  const expectNoFailure = async () => {
    await eventually('every turn is delivered', async () => {
      const turns = await installation.admin.turns(`channelId=${bot.channelId}`);
      const others = turns.filter(({ state }) => state !== 'delivered').map(({ state }) => state);
      if (others.length > 0) throw new Error(others.join());
      return turns.length > 0;
    });
    expect(await installation.sandbox.openCards(`clientId=${bot.clientId}`)).toEqual([]);
  };

  /** Every process stops in good order and comes back with these keys, one after the other. */
  async function rollOut(MASTER_KEYS: string, halfway?: () => Promise<unknown>): Promise<void> {
    for (const [n, service] of installation.services.entries()) {
      if (n === Math.floor(installation.services.length / 2)) await halfway?.();
      service.change({ MASTER_KEYS });
      await service.stop(8_000);
      await service.start();
      await service.ready();
    }
  }

  /** What was sealed with a key that somebody did not have: nothing at all. */
  const keyTroubles = (): string[] =>
    installation.services
      .flatMap(({ lines }) => lines)
      .filter((line) => /unknown_master_key|master key missing|not readable/.test(line));

  const isRetired = async (id: string): Promise<boolean> => {
    const { keys } = await installation.admin.call<{
      keys: { id: string; retiredAt: string | null; values: number }[];
    }>('GET', '/system/keys');
    const key = keys.find((one) => one.id === id);
    return key?.retiredAt != null && key.values === 0;
  };

  const aKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
  let keys: string;
  beforeAll(() => (keys = installation.masterKeys));

  whenLong.each([
    ['in one round', 'k2', (old: string, next: string) => [`${next},${old}`]],
    [
      'in two rounds: first everybody can open what it seals, then it seals',
      'k3',
      (old: string, next: string) => [`${old},${next}`, `${next},${old}`],
    ],
  ])('the master key, %s: no answer fails, and the old key may go', async (_name, id, roundsOf) => {
    const [old, next] = [keys, aKey(id)];
    const secret = newSecret();
    const changeTo = (clientSecret: string) => async () => {
      await rotate(clientSecret, { oldValidMs: 120_000 });
      await tryIn(clientSecret);
    };
    await underLoad(async () => {
      const rounds = roundsOf(old, next);
      for (const [n, round] of rounds.entries()) {
        const isLast = n === rounds.length - 1;
        await rollOut(round, isLast ? changeTo(secret) : undefined);
      }
      await untilTaken();
      await eventually(
        'nothing is sealed with the old key',
        () => isRetired(old.split(':')[0] ?? ''),
        60_000,
      );
      await rollOut(next);
      keys = next;
    }, WITHOUT_ONE_MS);

    await expectNoFailure();
    expect((await bot.answerTo(await bot.person(), 'and now?')).text).toBe(
      plainAnswerTo('and now?'),
    );
    expect(keyTroubles()).toEqual([]);
  });

  it('the old one good for a while: no answer fails, and the connection stays', async () => {
    const [connection] = await bot.connections();
    const next = newSecret();
    await underLoad(async () => {
      await rotate(next, { oldValidMs: 60_000 });
      expect((await tryIn(next)).pendingSecret).toMatchObject({ lastError: null });
      await untilTaken();
      await installation.sandbox.call('POST', `/apps/${bot.clientId}/revoke-token`);
    });

    await expectNoFailure();
    expect((await bot.connections()).map(({ id }) => id)).toEqual([connection?.id]);
  });

  it('the old one dead at once, with its token: the new one was waiting and takes over', async () => {
    const next = newSecret();
    await underLoad(async () => {
      await tryIn(next);
      await eventually('the platform does not know it yet', async () => {
        return (await pending())?.lastError?.code === 'auth_failed';
      });
      await rotate(next, { revokeToken: true });
      await untilTaken();
    });

    await expectNoFailure();
    await installation.sandbox.call(
      'POST',
      `/connections/${(await bot.connections())[0]?.id}/reset`,
    );
    await installation.admin.untilState(bot.channelId, 'connected');
    const person = await bot.person();
    expect((await bot.answerTo(person, 'after it')).text).toBe(plainAnswerTo('after it'));
    expect(JSON.stringify(installation.services.map(({ lines }) => lines))).not.toContain(next);
  });

  it('of an app that is not in Stream mode is proven by a token', async () => {
    bot = await Bot.join(installation, { app: { streamMode: false }, connected: false });
    const next = newSecret();
    await rotate(next, {});
    await tryIn(next);
    await untilTaken();
  });

  it('one that is wrong changes nothing and can be dropped', async () => {
    await tryIn(newSecret());
    await eventually(
      'it was tried',
      async () => (await pending())?.lastError?.code === 'auth_failed',
    );
    await installation.admin.remove(`/channels/${bot.channelId}/secrets`);
    expect(await pending()).toBeNull();
    expect((await installation.admin.status(bot.channelId)).state).toBe('connected');
    const person = await bot.person();
    expect((await bot.answerTo(person, 'still there')).text).toBe(plainAnswerTo('still there'));
  });
});
