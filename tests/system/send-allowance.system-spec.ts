import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

/** A month whose allowances end, as the platform says it and as we count it. */
describe('monthly allowances', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start();
  });
  afterEach(() => installation.sandbox.clearFaults());
  afterAll(() => installation?.stop());

  let corps = 0;
  const anOrganization = async (limits: object = {}) => {
    corps += 1;
    const fields = { corpId: `corp${corps}`, name: `Corp ${corps}`, ...limits };
    return (await installation.admin.create('/organizations', fields)).id;
  };
  const callsOf = async (bot: Bot) => installation.sandbox.calls(`clientId=${bot.clientId}`);
  const refuse = (bot: Bot, on: string, error: string) =>
    installation.sandbox.fault(`${on} of ${bot.clientId}`, {
      on,
      clientId: bot.clientId,
      act: { error },
    });

  it('C66 P4 answers by what is left when one allowance is refused, and says so when none is', async () => {
    const organizationId = await anOrganization();
    const bot = await Bot.join(installation, { channel: { organizationId } });
    const person = await bot.person();
    for (const on of ['createAndDeliver', 'streaming', 'update', 'batchSend'])
      await refuse(bot, on, 'quota');

    const first = await bot.answerTo(person, 'the calls are used up');
    expect(first).toMatchObject({ way: 'webhook', text: plainAnswerTo('the calls are used up') });
    const before = (await callsOf(bot)).filter(({ name }) => name === 'createAndDeliver').length;
    await bot.answerTo(person, 'the circuit is open');
    const after = (await callsOf(bot)).filter(({ name }) => name === 'createAndDeliver').length;
    expect([before, after]).toEqual([1, 1]);
    const status = await installation.admin.untilState(bot.channelId, 'degraded');
    expect(status.code).toBe('quota_exhausted');

    await refuse(bot, 'webhook', 'webhookQuota');
    const asked = await bot.ask(person, 'nothing is left');
    const turn = await eventually('the turn ends', async () => {
      const [one] = await installation.admin.turnsOf(asked.msgId);
      return one?.state === 'failed' && one;
    });
    expect(turn).toMatchObject({ delivery: { state: 'undelivered' } });
    const [row] = await installation.schema.query<{ error_code: string }>(
      `SELECT d.error_code FROM delivery d JOIN turn t ON t.id = d.turn_id WHERE t.id = $1`,
      [(turn as { id: string }).id],
    );
    expect(row?.error_code).toBe('quota');

    await installation.sandbox.clearFaults();
    await installation.admin.change(`/organizations/${organizationId}`, { edition: 'pro' });
    const reply = await bot.answerTo(person, 'a larger edition was bought');
    expect(reply).toMatchObject({ kind: 'card', state: 'finished' });
    await installation.admin.untilState(bot.channelId, 'connected');
  });

  it('P7 steps down before our own count is over, and shows in the status what was used', async () => {
    const organizationId = await anOrganization({ apiCallsPerMonth: 16, messagesPerMonth: 1_000 });
    const bot = await Bot.join(installation, { channel: { organizationId } });
    const person = await bot.person();
    const used = async () => {
      const { allowance } = await installation.admin.status(bot.channelId);
      return allowance as { apiCalls?: { used: number }; pace?: string };
    };

    const made = async () =>
      (await callsOf(bot)).filter(({ name }) => /create|stream|update|Send/i.test(name)).length;
    for (let n = 0; n < 5; n += 1) {
      await bot.answerTo(person, `question ${n}`);
      // Counted second by second, in a batch.
      await eventually('it is counted', async () => {
        const count = (await used()).apiCalls?.used ?? 0;
        if (count < (await made())) throw new Error(`${count} of ${await made()}`);
        return true;
      });
    }

    expect(await made()).toBeLessThanOrEqual(16);
    expect(['text', 'off', 'thrifty']).toContain((await used()).pace);
  });
});
