import { randomBytes } from 'node:crypto';
import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

describe('P10 a gateway that is sent rubbish', () => {
  let installation: Installation;
  let bot: Bot;
  let person: string;
  let pid: number;

  beforeAll(async () => {
    installation = await Installation.start();
    bot = await Bot.join(installation);
    person = await bot.person();
    pid = installation.service('gateway').pid;
  });

  afterAll(() => installation?.stop());

  /** Its process is the same one, and the next question is answered. */
  const expectAlive = async (question: string) => {
    const { text } = await bot.answerTo(person, question);
    expect(text).toBe(plainAnswerTo(question));
    expect(installation.service('gateway').pid).toBe(pid);
    expect(installation.service('gateway').isRunning()).toBe(true);
  };

  const frame = (over: object, headers: object = {}) =>
    JSON.stringify({
      specVersion: '1.0',
      type: 'CALLBACK',
      headers: {
        topic: '/v1.0/im/bot/messages/get',
        messageId: randomBytes(8).toString('hex'),
        contentType: 'application/json',
        time: '1',
        ...headers,
      },
      data: '{}',
      ...over,
    });
  const send = (raw: string) => installation.sandbox.frame(bot.clientId, { raw });

  it('C24 survives frames that are no frames', async () => {
    const rubbish = [
      ...['', '{', 'null', '[]', '42', '"text"', '{}', '{"type":"CALLBACK"}', '\u0000'],
      ...['{"type":"CALLBACK","headers":null,"data":null}', '{"type":7,"headers":[],"data":[]}'],
      frame({ data: 'no json' }),
      frame({ data: null }),
      frame({ data: 'null' }),
      frame({ data: '[]' }),
      frame({ data: '{"msgId":null,"text":7,"conversationId":{}}' }),
      frame({ headers: {} }),
      frame({ type: 'NOVELTY' }),
      frame({ type: 'SYSTEM' }, { topic: 'novelty' }),
      frame({}, { topic: '/v9.9/unknown' }),
      frame({}, { topic: '/v1.0/card/instances/callback' }),
      frame({ type: 'EVENT' }, { topic: '*' }),
      frame({}, { messageId: null }),
    ];

    for (const raw of rubbish) await send(raw);

    await expectAlive('are you there after rubbish?');
  });

  it('C24 survives binary frames', async () => {
    for (const bytes of [Buffer.alloc(0), randomBytes(4_096), Buffer.from([0xff, 0xfe, 0x00])])
      await installation.sandbox.frame(bot.clientId, { base64: bytes.toString('base64') });

    await expectAlive('are you there after bytes?');
  });

  it('C25 answers a message of 256 KiB and survives a frame of one and one of five megabytes', async () => {
    installation.model.on('a long question', (call) => {
      call.say(`${call.request.question.length} characters`);
      call.end();
    });
    const long = await bot.answerTo(person, `a long question ${'x'.repeat(256 * 1_024)}`);
    expect(long.text).toBe(`${16 + 256 * 1_024} characters`);
    await send(frame({ data: JSON.stringify({ padding: 'x'.repeat(1_000_000) }) }));
    await send('x'.repeat(5_000_000));

    // Too large a frame costs its connection, not the gateway.
    await eventually('it is connected', async () => (await bot.connections()).length === 1);
    await installation.admin.untilState(bot.channelId, 'connected');
    await expectAlive('are you there after megabytes?');
  });

  it('C54 answers text with NUL, lone surrogates and 4-byte characters without corrupting it', async () => {
    const data = {
      content: 'a\u0000b \ud83d lone, \u{1f468}\u200d\u{1f469}\u200d\u{1f467} family, 你好',
    };
    await bot.answerTo(person, 'strange', { overrides: { text: data } });

    const question = installation.model.requests.at(-1)?.question ?? '';
    expect(question.isWellFormed()).toBe(true);
    expect(question).not.toContain('\u0000');
    expect(question).toContain('\u{1f468}\u200d\u{1f469}\u200d\u{1f467} family, 你好');
    await expectAlive('are you there after strange text?');
  });

  it('C26 understands a message whose fields have other types and unknown company', async () => {
    const overrides = { createAt: '1700000000000', isAdmin: 'true', novelty: { deep: [1] } };

    const { text } = await bot.answerTo(person, 'typed strangely', { overrides });

    expect(text).toBe(plainAnswerTo('typed strangely'));
  });

  it('C50 C53 answers messages without words in one sentence, whatever their type', async () => {
    const wordless = ['picture', 'video', 'file', 'audio', 'unknownMsgType', 'hologram'];
    for (const msgtype of wordless) {
      const { text } = await bot.answerTo(person, '', { msgtype, content: { duration: '5' } });
      expect(text).toContain('in words');
    }
    expect((await bot.answerTo(person, '   ')).text).toContain('no words');
    await expectAlive('are you there after pictures?');
  });
});
