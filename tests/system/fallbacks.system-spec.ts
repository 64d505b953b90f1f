import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

/** Everything that answers when cards are not possible. */
describe('without cards', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start();
  });

  afterAll(() => installation?.stop());
  afterEach(() => installation.sandbox.clearFaults());

  const scopesWithoutCards = ['qyapi_robot_sendmsg'];
  const callsOf = async (bot: Bot, name: string) =>
    (await installation.sandbox.calls(`clientId=${bot.clientId}`)).filter(
      (call) => call.name === name,
    );

  it('C94 C5 answers once in Markdown when the card scope is missing, and the status names the scope', async () => {
    const bot = await Bot.join(installation, { app: { scopes: scopesWithoutCards } });
    const person = await bot.person();

    const first = await bot.answerTo(person, 'no cards here');
    const status = await installation.admin.untilState(bot.channelId, 'degraded');
    const second = await bot.answerTo(person, 'still none');

    expect(first).toMatchObject({ kind: 'bot', way: 'webhook', msgtype: 'markdown' });
    expect(first.text).toBe(plainAnswerTo('no cards here'));
    expect(second.text).toBe(plainAnswerTo('still none'));
    expect(status.message).toContain('Card.Instance.Write');
    expect(status.userAction).toMatch(/permission/i);
    // The second answer did not try in vain once more.
    const creates = await callsOf(bot, 'createAndDeliver');
    expect(creates.map(({ status: code }) => code)).toEqual([403]);
  });

  it('C94 P4 closes the card it may create but not stream, and answers below it', async () => {
    const bot = await Bot.join(installation, { app: { scopes: ['Card.Instance.Write'] } });
    const person = await bot.person();

    const { conversationId } = await bot.ask(person, 'may create but not stream');
    const [card, reply] = await bot.untilReplies(conversationId, 2);
    const status = await installation.admin.untilState(bot.channelId, 'degraded');

    expect(card).toMatchObject({ kind: 'card', text: '(the answer is in the message below)' });
    expect(reply).toMatchObject({ kind: 'bot', text: plainAnswerTo('may create but not stream') });
    expect(status.message).toContain('Card.Streaming.Write');
  });

  it('C81 answers once in Markdown when the card was created but delivered to nobody', async () => {
    const bot = await Bot.join(installation);
    const person = await bot.person();
    await installation.sandbox.fault('undelivered', {
      on: 'createAndDeliver',
      clientId: bot.clientId,
      times: 1,
      act: { deliverFalse: true },
    });

    const reply = await bot.answerTo(person, 'nobody sees the card');
    const next = await bot.answerTo(person, 'and the next?');

    expect(reply).toMatchObject({ kind: 'bot', msgtype: 'markdown' });
    expect(reply.text).toBe(plainAnswerTo('nobody sees the card'));
    expect(next).toMatchObject({ kind: 'card', text: plainAnswerTo('and the next?') });
  });

  it('C96 shows the answer another way when the final frame fails for good, and closes the card', async () => {
    const bot = await Bot.join(installation);
    const person = await bot.person();
    const held = installation.model.hold('the end fails');
    const asked = await bot.ask(person, 'the end fails');
    await bot.untilWords(asked.conversationId, held.text.slice(0, 20));
    await installation.sandbox.fault('no end', {
      on: 'streaming',
      // A machine that is slow shows more frames before the last one.
      only: { isFinalize: true },
      clientId: bot.clientId,
      times: 3,
      act: { error: 'systemError' },
    });
    held.release();

    const replies = await bot.untilReplies(asked.conversationId, 2);

    const answers = replies.filter(({ text }) => text === held.text);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({ kind: 'bot', msgtype: 'markdown' });
    expect(await installation.sandbox.openCards(`clientId=${bot.clientId}`)).toEqual([]);
  });

  it('C70 marks the question until its answer is there, though the platform does not find it at first', async () => {
    const card = { enabled: false, acknowledge: 'reaction' };
    const bot = await Bot.join(installation, { channel: { card } });
    const person = await bot.person();
    const held = installation.model.hold('takes a while');
    await installation.sandbox.fault('not yet', {
      on: 'reaction',
      clientId: bot.clientId,
      times: 1,
      act: { error: 'systemErr' },
    });
    const { conversationId } = await bot.ask(person, 'takes a while');
    const marks = (names: readonly string[]) =>
      eventually('the question is marked so', async () => {
        const [question] = await installation.sandbox.entries(conversationId);
        return JSON.stringify(question?.reactions) === JSON.stringify(names);
      });

    await marks(['🤔思考中']);
    held.release();
    const replies = await bot.untilReplies(conversationId, 1);
    await marks([]);

    expect(replies.map(({ text }) => text)).toEqual([held.text]);
    expect((await callsOf(bot, 'reaction')).map(({ status }) => status)).toEqual([500, 200]);
    expect(await callsOf(bot, 'reactionRecall')).toHaveLength(1);
  });

  it('C60 uses the robot API in 1:1 when the session webhook has expired', async () => {
    const bot = await Bot.join(installation, { channel: { card: { enabled: false } } });
    const person = await bot.person();
    const past = { sessionWebhookExpiredTime: Date.now() - 1_000 };

    const reply = await bot.answerTo(person, 'too late', { overrides: past });

    expect(reply).toMatchObject({ kind: 'bot', way: 'robot', text: plainAnswerTo('too late') });
    expect(await callsOf(bot, 'batchSend')).toHaveLength(1);
  });

  it('C61 uses the robot API in a group when the webhook expired earlier than it said', async () => {
    const bot = await Bot.join(installation, { channel: { card: { enabled: false } } });
    const person = await bot.person();
    const groupId = await bot.group([person]);
    await installation.sandbox.settings({ webhookActualLifeMs: 1 });

    const reply = await bot.answerTo(person, 'gone already', { groupId });
    await installation.sandbox.settings({ webhookActualLifeMs: 0 });

    expect(reply).toMatchObject({ kind: 'bot', way: 'robot', text: plainAnswerTo('gone already') });
    expect(await callsOf(bot, 'groupSend')).toHaveLength(1);
  });

  it('C52 answers somebody from outside, who has no staff id, through the webhook', async () => {
    const bot = await Bot.join(installation);
    const stranger = await bot.person({ external: true });

    const alone = await bot.answerTo(stranger, 'hello from outside');
    const groupId = await bot.group([stranger]);
    const inGroup = await bot.answerTo(stranger, 'and in a group', { groupId });

    expect(alone).toMatchObject({ way: 'webhook', text: plainAnswerTo('hello from outside') });
    expect(inGroup.text).toBe(plainAnswerTo('and in a group'));
    expect(await callsOf(bot, 'batchSend')).toEqual([]);
  });

  it('C62 sends twenty thousand characters completely and in order', async () => {
    const bot = await Bot.join(installation, { channel: { card: { enabled: false } } });
    const person = await bot.person();
    const lines = Array.from({ length: 500 }, (_, n) => `${n} ${'钟'.repeat(38)}`);
    installation.model.on('everything', (call) => {
      call.say(lines.join('\n'));
      call.end();
    });

    const { conversationId, msgId } = await bot.ask(person, 'everything');
    await expectDelivered(msgId);

    const shown = (await bot.replies(conversationId)).map(({ text }) => text).join('\n');
    expect(shown.split('\n').filter((line) => line.includes('钟'))).toEqual(lines);
  });

  const expectDelivered = async (msgId: string) => {
    await eventually('the turn is delivered', async () => {
      const [turn] = await installation.admin.turnsOf(msgId);
      return turn?.state === 'delivered';
    });
  };

  it('leaves no open card and breaks no rule of the platform', async () => {
    expect(await installation.sandbox.openCards()).toEqual([]);
    expect(await installation.sandbox.violations()).toEqual([]);
  });
});
