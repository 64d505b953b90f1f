import type { InboundMessage, QuotedMessage } from '@common/domain';

import { payload } from './payload.fixture';
import { readRobotMessage } from './robot-message.wire';

const ANN = '$:LWCP_v1:$Ann';
const BOT = '$:LWCP_v1:$r5xxxx';
const DOCUMENT = {
  kind: 'document',
  url: 'dingtalk://dingtalkclient/action/open_platform_link?route=previewDentry&type=file&spaceId=789&fileId=123456',
  fileId: '123456',
  spaceId: '789',
};

const read = (name: string): InboundMessage => readRobotMessage(payload(name));
const quoteIn = (name: string): QuotedMessage | null | undefined => read(name).quote;

describe('C50 every type of robot message is kept whole', () => {
  it.each([
    ['text-group', '你好', [{ kind: 'text', text: ' 你好' }]],
    ['text-direct', '你好', [{ kind: 'text', text: '你好' }]],
    ['picture', '', [{ kind: 'picture', downloadCode: 'mIofN-picture' }]],
    ['picture-old-code', '', [{ kind: 'picture', downloadCode: 'oldCode' }]],
    [
      'audio',
      '钉钉，让进步发生',
      [
        {
          kind: 'audio',
          durationMs: 4_000,
          recognition: '钉钉，让进步发生',
          downloadCode: 'mIofN-audio',
        },
      ],
    ],
    [
      'audio-without-recognition',
      '',
      [{ kind: 'audio', durationMs: 4_000, recognition: null, downloadCode: 'mIofN-audio' }],
    ],
    [
      'video',
      '',
      [{ kind: 'video', durationMs: 4_000, format: 'mp4', downloadCode: 'mIofN-video' }],
    ],
    [
      'video-seconds',
      '',
      [{ kind: 'video', durationMs: 5_000, format: 'mp4', downloadCode: 'mIofN-video' }],
    ],
    [
      'file',
      '',
      [
        {
          kind: 'file',
          name: '报告.pdf',
          fileId: '123456',
          spaceId: '789',
          downloadCode: 'mIofN-file',
        },
      ],
    ],
    ['markdown', '# 标题\n正文', [{ kind: 'text', text: '# 标题\n正文' }]],
    ['markdown-in-text', '# 标题', [{ kind: 'text', text: '# 标题' }]],
    ['interactive-card', '', [DOCUMENT]],
    ['unknown-msg-type', '', [{ kind: 'unknown', type: 'vote' }]],
    ['future-type', '', [{ kind: 'unknown', type: 'hologram' }]],
    ['quota', '', []],
  ])('%s', (name, text, parts) => {
    expect(read(name)).toMatchObject({ messageId: `msg-${name}==`, text, parts });
  });

  it('rich text, with its pictures and people in order', () => {
    const { text, parts } = read('rich-text');
    expect(text).toBe('看一下\n[微笑]@安 谢谢');
    expect(parts).toEqual([
      { kind: 'mention', name: '小助手', opaqueId: BOT, staffId: null, unionId: null, isBot: true },
      { kind: 'text', text: '看一下' },
      { kind: 'picture', downloadCode: 'mIofN-rich' },
      { kind: 'text', text: '[微笑]' },
      { kind: 'mention', name: '安', opaqueId: ANN, staffId: null, unionId: null, isBot: false },
      { kind: 'unknown', type: 'hologram' },
      { kind: 'text', text: '谢谢' },
    ]);
  });

  it('a forwarded chat as JSON text', () => {
    expect(read('chat-record')).toMatchObject({
      text: '',
      parts: [
        {
          kind: 'chat_record',
          title: '群聊的聊天记录',
          summary: '张三:早上好\n李四:[图片]',
          entries: [
            {
              senderName: '张三',
              sentAtMs: 1708327100000,
              parts: [{ kind: 'text', text: '早上好' }],
            },
            {
              senderName: '李四',
              sentAtMs: 1708327101000,
              parts: [{ kind: 'picture', downloadCode: 'mIofN-record' }],
            },
            { senderName: '王五', sentAtMs: null, parts: [{ kind: 'unknown', type: 'hologram' }] },
          ],
        },
      ],
    });
  });

  it('a forwarded chat as a list, with one inside it', () => {
    expect(read('chat-record-array').parts).toMatchObject([
      {
        kind: 'chat_record',
        entries: [
          { senderName: '张三', parts: [{ kind: 'text', text: '早上好' }] },
          {
            senderName: '李四',
            parts: [
              {
                kind: 'chat_record',
                title: '里面',
                entries: [{ senderName: '赵六', parts: [{ kind: 'text', text: '更早' }] }],
              },
            ],
          },
        ],
      },
    ]);
  });

  it('chat records inside each other end, however deep they go', () => {
    let record: object = { msgtype: 'chatRecord', content: { title: 'bottom' } };
    for (let depth = 0; depth < 200; depth += 1)
      record = { msgtype: 'chatRecord', content: { records: [record] } };
    const message = readRobotMessage({ msgId: 'm', conversationId: 'c', ...record });
    expect(JSON.stringify(message.parts).match(/chat_record/g)).toHaveLength(4);
  });

  it('the people, the place and the rights around the words', () => {
    expect(read('text-group')).toMatchObject({
      mentions: [
        { opaqueId: BOT, staffId: null, unionId: null, isBot: true },
        { opaqueId: ANN, staffId: 'manager4220', unionId: 'uAnn', isBot: false },
      ],
      isBotMentioned: true,
      isSenderAdmin: true,
      openThreadId: 'threadXyz==',
      senderPlatform: 'Mac',
      hosting: null,
    });
    expect(read('text-direct')).toMatchObject({ mentions: [], isBotMentioned: null });
    expect(read('delegate').hosting).toEqual({ userId: 'boss01', name: '老板' });
  });

  it('C52 a person from outside', () => {
    expect(read('text-outsider')).toMatchObject({
      sender: { staffId: null, corpId: 'dingoutside' },
      isSenderAdmin: null,
      mentions: [{ opaqueId: BOT, staffId: null, isBot: true }],
    });
  });
});

describe('C51 every variant of a quote', () => {
  const known = {
    messageId: 'msgAbc==',
    processQueryKey: null,
    sender: { opaqueId: ANN, staffId: null, name: null, isBot: false },
    sentAtMs: 1708327100000,
    quote: null,
  };

  it.each([
    ['quote-text', 'text', 'quoted words', [{ kind: 'text', text: 'quoted words' }]],
    ['quote-picture', 'picture', '', [{ kind: 'picture', downloadCode: 'mIofN-quoted' }]],
    [
      'quote-rich-text',
      'richText',
      '原文',
      [
        { kind: 'text', text: '原文' },
        { kind: 'picture', downloadCode: 'mIofN-a' },
      ],
    ],
    [
      'quote-rich-text-nested',
      'richText',
      '原文',
      [
        { kind: 'text', text: '原文' },
        { kind: 'picture', downloadCode: 'mIofN-b' },
      ],
    ],
    [
      'quote-file',
      'file',
      '',
      [{ kind: 'file', name: '合同.docx', fileId: null, spaceId: null, downloadCode: null }],
    ],
    [
      'quote-audio',
      'audio',
      '',
      [{ kind: 'audio', durationMs: null, recognition: null, downloadCode: null }],
    ],
    ['quote-interactive-card', 'interactiveCard', '', [DOCUMENT]],
    [
      'quote-chat-record',
      'chatRecord',
      '',
      [{ kind: 'chat_record', title: null, summary: '张三:早上好', entries: [] }],
    ],
    ['quote-unknown', 'unknownMsgType', '', [{ kind: 'unknown', type: 'unknownMsgType' }]],
  ])('%s', (name, contentType, text, parts) => {
    expect(read(name).text).toBe('继续');
    expect(quoteIn(name)).toEqual({ ...known, contentType, text, parts });
  });

  it('the bot’s own message, without content', () => {
    expect(quoteIn('quote-own-message')).toMatchObject({
      messageId: 'msgBot==',
      processQueryKey: 'pqk-1',
      sender: { isBot: true },
    });
    expect(quoteIn('quote-id-only')).toMatchObject({
      messageId: 'msgGone==',
      processQueryKey: 'pqk-2',
      contentType: 'unknown',
      parts: [],
    });
  });

  it('the old form', () => {
    expect(quoteIn('quote-old-form')).toMatchObject({
      messageId: 'msgOld==',
      contentType: 'text',
      sender: { opaqueId: ANN, name: '安' },
      sentAtMs: 1708327100000,
      text: 'old words',
    });
  });

  it('quotes of quotes, three levels of them', () => {
    const first = quoteIn('quote-of-quotes');
    expect([first?.text, first?.quote?.text, first?.quote?.quote?.text]).toEqual([
      'one',
      'two',
      'three',
    ]);
    expect(first?.quote?.quote?.quote).toBeNull();
  });

  it.each([[null], ['words'], [[1]], [{}], [{ msgType: {}, content: [[]] }]])(
    'goes on without a quote like %j',
    (repliedMsg) => {
      const message = readRobotMessage({
        msgId: 'm',
        conversationId: 'c',
        msgtype: 'text',
        text: { content: '继续', repliedMsg },
      });
      expect(message.text).toBe('继续');
    },
  );
});
