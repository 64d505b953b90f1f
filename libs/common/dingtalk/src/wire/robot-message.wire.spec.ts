import { MalformedMessageError } from './malformed-message.error';
import { readRobotMessage } from './robot-message.wire';

const NBSP = '\u00a0';

const aMessage = (fields: object = {}): Record<string, unknown> => ({
  msgId: 'msgrK2==',
  msgtype: 'text',
  text: { content: ' 你好' },
  conversationId: 'cid6EU==',
  conversationType: '2',
  conversationTitle: '测试群',
  senderId: '$:LWCP_v1:$Bv1',
  senderStaffId: '0147',
  senderUnionId: 'union',
  senderNick: '小钉',
  senderCorpId: 'ding97',
  chatbotCorpId: 'ding97',
  chatbotUserId: '$:LWCP_v1:$r5',
  robotCode: 'dingo',
  createAt: 1708327204136,
  sessionWebhook: 'https://oapi.dingtalk.com/robot/sendBySession?session=66d7',
  sessionWebhookExpiredTime: 1708332604316,
  ...fields,
});
const textOf = (fields: object): string => readRobotMessage(aMessage(fields)).text;

describe('readRobotMessage', () => {
  it('P10 reads a megabyte of blanks inside a message as fast as any other', () => {
    const blanks = ' \u2060\u200b\n'.repeat(250_000);
    const startedAt = performance.now();

    expect(textOf({ text: { content: `a${blanks}b` } })).toHaveLength(blanks.length + 2);
    expect(textOf({ text: { content: blanks } })).toBe('');

    // Some milliseconds; an hour where each blank is looked at from each blank before it.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('C50 reads a group text with everything the platform documents', () => {
    expect(readRobotMessage(JSON.stringify(aMessage()))).toEqual({
      messageId: 'msgrK2==',
      conversation: { id: 'cid6EU==', kind: 'group', title: '测试群' },
      sender: {
        staffId: '0147',
        unionId: 'union',
        opaqueId: '$:LWCP_v1:$Bv1',
        name: '小钉',
        corpId: 'ding97',
      },
      robotCode: 'dingo',
      corpId: 'ding97',
      contentType: 'text',
      text: '你好',
      sentAtMs: 1708327204136,
      replyWebhook: {
        url: 'https://oapi.dingtalk.com/robot/sendBySession?session=66d7',
        expiresAtMs: 1708332604316,
      },
      quotaNotice: null,
      parts: [{ kind: 'text', text: ' 你好' }],
      quote: null,
      mentions: [],
      isBotMentioned: null,
      isSenderAdmin: null,
      openThreadId: null,
      senderPlatform: null,
      hosting: null,
    });
  });

  it('C50 joins the words of rich text, skipping unknown items and the mention of the bot itself', () => {
    const richText = [
      { type: 'at', atName: 'Bot', atUserId: '$:LWCP_v1:$r5' },
      { text: ' look ' },
      { type: 'at', atName: 'Ann', atUserId: 'other' },
      { type: 'hologram', text: 'nothing' },
      { type: 'picture', downloadCode: 'd' },
      { msgType: 'text', content: 'here' },
      7,
    ];
    expect(textOf({ msgtype: 'richText', text: undefined, content: { richText } })).toBe(
      'look @Ann \nhere',
    );
  });

  it.each([
    [
      'audio with recognition',
      { msgtype: 'audio', content: { duration: '4000', recognition: ' hi ' } },
      'hi',
    ],
    ['audio without recognition', { msgtype: 'audio', content: { downloadCode: 'd' } }, ''],
    ['markdown in content', { msgtype: 'markdown', content: { text: '# a' } }, '# a'],
    ['markdown in text', { msgtype: 'markdown', text: { content: '# b' } }, '# b'],
    ['content as JSON string', { msgtype: 'audio', content: '{"recognition":"x"}' }, 'x'],
    ['picture', { msgtype: 'picture', content: { downloadCode: 'd' } }, ''],
    ['video with a text duration', { msgtype: 'video', content: { duration: '5' } }, ''],
    ['file', { msgtype: 'file', content: { fileName: 'a.pdf' } }, ''],
    ['unknownMsgType', { msgtype: 'unknownMsgType', content: {} }, ''],
    ['a type of the future', { msgtype: 'hologram', content: { text: 'no' } }, ''],
    ['content null', { msgtype: 'richText', content: null }, ''],
  ])('C50 reads %s', (_name, fields, expected) => {
    const message = readRobotMessage(aMessage({ text: undefined, ...fields }));
    expect(message.text).toBe(expected);
    expect(message.contentType).toBe(fields.msgtype);
  });

  it('C51 reads the words of a quoted reply and goes on without the quote', () => {
    const text = {
      content: '继续',
      isReplyMsg: true,
      repliedMsg: { msgType: 'hologram', content: null },
    };
    expect(textOf({ text })).toBe('继续');
  });

  it('C52 reads a person from outside, who has no staff id', () => {
    const { sender } = readRobotMessage(aMessage({ senderStaffId: undefined, senderNick: '' }));
    expect(sender).toMatchObject({ staffId: null, name: null, opaqueId: '$:LWCP_v1:$Bv1' });
  });

  it('C53 trims blanks of every kind, and a mention alone is an empty text', () => {
    expect(textOf({ text: { content: `${NBSP}\u2005 a${NBSP}b \u200b\n` } })).toBe(`a${NBSP}b`);
    expect(textOf({ text: { content: ` \u2005${NBSP}` } })).toBe('');
  });

  it('C54 replaces lone surrogates, drops NUL and keeps emoji, joiners and 20 000 characters', () => {
    const family = '👨‍👩‍👧';
    expect(textOf({ text: { content: `a\0b\ud83d${family}` } })).toBe(`ab\ufffd${family}`);
    expect(readRobotMessage(aMessage({ senderNick: 'x\udc00' })).sender.name).toBe('x\ufffd');
    expect(textOf({ text: { content: '字'.repeat(20_000) } })).toHaveLength(20_000);
  });

  it('C26 takes numbers as strings, strings as numbers and unknown fields', () => {
    const message = readRobotMessage(
      aMessage({
        msgId: 42,
        conversationType: 1,
        createAt: '1708327204136',
        sessionWebhookExpiredTime: '1708332604316',
        surprise: [1],
      }),
    );
    expect(message.messageId).toBe('42');
    expect(message.conversation.kind).toBe('direct');
    expect(message.sentAtMs).toBe(1708327204136);
    expect(message.replyWebhook?.expiresAtMs).toBe(1708332604316);
  });

  it('C26 makes null of everything that is missing or of a strange type', () => {
    const message = readRobotMessage({
      msgId: 'm',
      conversationId: 'c',
      senderNick: {},
      createAt: 'soon',
      robotCode: [],
    });
    expect(message).toEqual({
      messageId: 'm',
      conversation: { id: 'c', kind: 'direct', title: null },
      sender: { staffId: null, unionId: null, opaqueId: null, name: null, corpId: null },
      robotCode: null,
      corpId: null,
      contentType: 'unknown',
      text: '',
      sentAtMs: null,
      replyWebhook: null,
      quotaNotice: null,
      parts: [],
      quote: null,
      mentions: [],
      isBotMentioned: null,
      isSenderAdmin: null,
      openThreadId: null,
      senderPlatform: null,
      hosting: null,
    });
  });

  it('lets a webhook without an expiry live 90 minutes', () => {
    const fields = { sessionWebhookExpiredTime: undefined, createAt: undefined };
    expect(readRobotMessage(aMessage(fields), 1_000).replyWebhook?.expiresAtMs).toBe(5_401_000);
    expect(readRobotMessage(aMessage({ sessionWebhook: 'javascript:1' })).replyWebhook).toBeNull();
  });

  it.each([[{ errorCode: 20001, errorMessage: '超量' }], [{ errCode: '20001', errMsg: '超量' }]])(
    'C55 knows a quota frame from a question: %j',
    (fields) => {
      const message = readRobotMessage(
        aMessage({ text: undefined, msgtype: undefined, ...fields }),
      );
      expect(message.quotaNotice).toEqual({ code: '20001', message: '超量' });
    },
  );

  it.each([
    ['no JSON', '{"msgId":'],
    ['an array', []],
    ['null', null],
    ['no msgId', { conversationId: 'c' }],
    ['an empty conversation', { msgId: 'm', conversationId: ' ' }],
    ['an endless id', { msgId: 'm'.repeat(600), conversationId: 'c' }],
  ])('C24 refuses %s without quoting it', (_name, data) => {
    expect(() => readRobotMessage(data)).toThrow(MalformedMessageError);
  });
});
