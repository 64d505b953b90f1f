import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { mutations } from './support/mutations';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

const isLong = process.env['LONG'] === '1';
const frames = isLong ? 20_000 : 2_000;

/** What our own reading lets through and Postgres does not take: whatever that may be one day. */
const REFUSE_PILLS = `
CREATE FUNCTION refuse_pills() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.content::text LIKE '%poison pill%' THEN RAISE EXCEPTION 'no' USING ERRCODE = '22021'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_pills BEFORE INSERT ON inbound_event FOR EACH ROW EXECUTE FUNCTION refuse_pills()`;

describe('P10 poison', () => {
  let installation: Installation;
  let bots: Bot[];
  let people: string[];

  beforeAll(async () => {
    installation = await Installation.start();
    const asText = { channel: { card: { enabled: false } } };
    bots = await Promise.all(Array.from({ length: 10 }, () => Bot.join(installation, asText)));
    const [first] = bots as [Bot];
    people = await Promise.all(Array.from({ length: 10 }, () => first.person()));
  });

  afterAll(() => installation?.stop());

  it('one message that the database refuses costs none of the 99 others, and is shown to operators', async () => {
    const pid = installation.service('gateway').pid;
    await installation.schema.query(REFUSE_PILLS);
    const all = bots.flatMap((bot) => people.map((person) => ({ bot, person })));
    // NUL and a lone surrogate are taken out on the way in: such a message is an ordinary one.
    const strange = { overrides: { text: { content: 'good \u0000 1\ud800' } } };
    const question = (n: number): string => (n === 0 ? 'poison pill' : `good ${n}`);

    const asked = await Promise.all(
      all.map(({ bot, person }, n) => bot.ask(person, question(n), n === 1 ? strange : {})),
    );

    for (const [n, { bot }] of all.entries()) {
      if (n === 0) continue;
      const [reply] = await bot.untilReplies(asked[n]?.conversationId ?? '', 1);
      if (n !== 1) expect(reply?.text).toBe(plainAnswerTo(question(n)));
    }
    const [first] = bots as [Bot];
    const { items } = await installation.admin.call<{ items: object[] }>(
      'GET',
      `/channels/${first.channelId}/quarantine`,
    );
    expect(items).toMatchObject([{ kind: 'message', cause: 'sqlstate 22021' }]);
    expect(await first.replies(asked[0]?.conversationId ?? '')).toEqual([]);
    expect(installation.service('gateway').pid).toBe(pid);
  });

  it(`C24 ${frames} random and mutated frames cost neither the process nor the next message`, async () => {
    const [, bot] = bots as [Bot, Bot];
    const pid = installation.service('gateway').pid;
    const source = mutations(bot.clientId, 20_251_125);
    let left = frames;
    const send = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await eventually('it is connected', async () => (await bot.connections()).length > 0);
        // A frame may end the connection: then there is none for a moment.
        await installation.sandbox.frame(bot.clientId, source.next()).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: 8 }, send));

    await installation.admin.untilState(bot.channelId, 'connected');
    const person = await bot.person();
    expect((await bot.answerTo(person, 'still there?')).text).toBe(plainAnswerTo('still there?'));
    expect(installation.service('gateway').pid).toBe(pid);
    expect(installation.services.every((service) => service.isRunning())).toBe(true);
  });
});
