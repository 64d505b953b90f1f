import { createHmac } from 'node:crypto';
import {
  aMessage,
  BOT,
  eventually,
  ROBOT_TOPIC,
  SandboxHarness,
  SECRET,
  SEND,
} from './sandbox-harness';

const DOWNLOAD = '/v1.0/robot/messageFiles/download';

describe('outbound messages and files', () => {
  let dingtalk: SandboxHarness;

  beforeEach(async () => {
    dingtalk = await SandboxHarness.start();
  });
  afterEach(() => dingtalk.stop());

  const webhookOf = async (more: object = {}): Promise<string> => {
    const peer = await dingtalk.connect();
    const body = { from: '0101', clientId: BOT, text: '?', ...more };
    await dingtalk.control('POST', '/messages', body);
    const frame = await eventually(() => peer.ofTopic(ROBOT_TOPIC)[0]);
    return JSON.parse(frame.data).sessionWebhook;
  };
  const say = (webhook: string, content: string) =>
    dingtalk.call('POST', webhook, { msgtype: 'text', text: { content } });
  const seen = async () => {
    const [conversation] = await dingtalk.control('GET', '/conversations');
    return dingtalk.control(
      'GET',
      `/conversations/${encodeURIComponent(conversation.id)}/messages`,
    );
  };

  it('C56 hands out a link to a file, and refuses a wrong or expired code', async () => {
    await dingtalk.control('POST', '/files', {
      downloadCode: 'mine',
      name: 'a.txt',
      text: 'words',
    });
    await dingtalk.control('POST', '/files', { downloadCode: 'gone', expired: true });
    const link = await dingtalk.api('POST', DOWNLOAD, { robotCode: BOT, downloadCode: 'mine' });
    const gone = await dingtalk.api('POST', DOWNLOAD, { robotCode: BOT, downloadCode: 'gone' });

    expect((await dingtalk.call('GET', link.body.downloadUrl)).text).toBe('words');
    expect(gone).toMatchObject({
      status: 400,
      body: { code: 'invalidParameter.robotCode.downloadCode' },
    });
  });

  it('shows a webhook text with its mentions in the chat', async () => {
    const webhook = await webhookOf({ groupId: 'group1' });
    const text = { content: 'done @0101' };
    await dingtalk.call('POST', webhook, {
      msgtype: 'text',
      text,
      at: { atUserIds: ['0101', '0102'] },
    });

    expect(await seen()).toMatchObject([
      { kind: 'user' },
      {
        kind: 'bot',
        way: 'webhook',
        text: 'done @0101',
        mentions: [{ id: '0101', name: '王小明' }],
      },
    ]);
  });

  it('C60 forgets a webhook at the time it said, C61 or earlier', async () => {
    await dingtalk.control('PATCH', '/settings', { webhookActualLifeMs: 1 });
    const answer = await eventually(async () => {
      const reply = await say(await webhookOf(), 'late');
      return reply.body.errcode !== 0 && reply;
    });

    expect(answer).toMatchObject({
      status: 200,
      body: { errcode: 300001, errmsg: 'session 不存在' },
    });
  });

  it('C62 refuses a webhook body over 20000 bytes and a msgParam over 15000', async () => {
    const long = '长'.repeat(7_000);
    const msgParam = JSON.stringify({ content: '长'.repeat(5_000) });

    expect((await say(await webhookOf(), long)).body).toMatchObject({ errcode: 460101 });
    expect((await dingtalk.api('POST', SEND, aMessage({ msgParam }))).body.code).toBe(
      'invalidParameter.msgParam.tooLong',
    );
  });

  it('C63 names unknown and throttled people in a 200, and shows them nothing', async () => {
    await dingtalk.control('PATCH', '/settings', { flowControlledUserIds: ['0102'] });
    const userIds = ['0101', '0102', 'nobody'];
    const { status, body } = await dingtalk.api('POST', SEND, aMessage({ userIds }));

    expect({ status, ...body }).toMatchObject({
      status: 200,
      invalidStaffIdList: ['nobody'],
      flowControlledStaffIdList: ['0102'],
    });
    expect(await dingtalk.control('GET', '/conversations')).toHaveLength(1);
  });

  it.each([
    ['an unknown msgKey', { msgKey: 'sampleDance' }, 'invalidParameter.msgKey.invalid'],
    ['msgParam that is no string', { msgParam: {} }, 'invalidParameter.msgParam.invalid'],
    ['another robot', { robotCode: 'dingsandboxbot2' }, 'invalidParameter.robotCode.auth'],
    ['an unknown robot', { robotCode: 'x' }, 'invalidParameter.robotCode.notExsit'],
    ['nobody to send to', { userIds: [] }, 'invalidParameter.userIds.empty'],
  ])('refuses %s', async (_what, more, code) => {
    expect(await dingtalk.api('POST', SEND, aMessage(more))).toMatchObject({
      status: 400,
      body: { code },
    });
  });

  it('sends to a group, answers the query, and recalls without a trace', async () => {
    const { groups } = await dingtalk.control('GET', '/state');
    const openConversationId = groups[0].conversationId;
    const robot = { robotCode: BOT, openConversationId };
    const sent = await dingtalk.api('POST', '/v1.0/robot/groupMessages/send', {
      ...aMessage(),
      ...robot,
    });
    const { processQueryKey } = sent.body;
    const query = await dingtalk.api('POST', '/v1.0/robot/groupMessages/query', {
      ...robot,
      processQueryKey,
    });
    const keys = { ...robot, processQueryKeys: [processQueryKey] };
    const recall = await dingtalk.api('POST', '/v1.0/robot/groupMessages/recall', keys);

    expect(query.body.sendStatus).toBe('SUCCESS');
    expect(recall.body).toEqual({ successResult: [processQueryKey], failedResult: {} });
    expect(await seen()).toEqual([]);
  });

  it('C64 cuts the connection after it processed the call', async () => {
    await dingtalk.control('PUT', '/faults', {
      on: `POST ${SEND}`,
      times: 1,
      act: { resetAfterProcessing: true },
    });

    await expect(dingtalk.api('POST', SEND, aMessage())).rejects.toThrow('fetch failed');
    expect(await seen()).toMatchObject([{ way: 'robot', text: 'hi' }]);
  });

  it.each([
    ['JSON', 'ipBan', expect.objectContaining({ status: 1111, punish: 'deny' })],
    ['HTML', 'ipBanHtml', expect.stringContaining('Access denied')],
  ])('C67 shows a banned IP as %s', async (_shape, error, body) => {
    await dingtalk.control('PUT', '/faults', { on: '*', act: { error } });

    expect((await dingtalk.api('POST', SEND, aMessage())).body).toEqual(body);
  });

  it('C68 allows 20 calls a second of one path and app, the rest gets 403', async () => {
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => dingtalk.api('POST', SEND, aMessage())),
    );
    const refused = answers.filter(({ status }) => status === 403);

    expect(refused).toHaveLength(5);
    expect(refused[0]?.body.code).toBe('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi');
    expect((await dingtalk.api('POST', '/v1.0/robot/groupMessages/send', {})).status).toBe(400);
  });

  it('C69 checks the signature of a custom robot and accepts a msgUuid once', async () => {
    const timestamp = String(Date.now());
    const sign = createHmac('sha256', 'SECsandbox')
      .update(`${timestamp}\nSECsandbox`)
      .digest('base64');
    const url = `/robot/send?access_token=sandbox-custom-robot&timestamp=${timestamp}&sign=`;
    const body = { msgtype: 'text', text: { content: 'alert' }, msgUuid: 'u1' };
    const unsigned = await dingtalk.call('POST', `${url}x`, body);
    for (let n = 0; n < 2; n += 1)
      await dingtalk.call('POST', url + encodeURIComponent(sign), body);

    expect(unsigned.body).toMatchObject({ errcode: 310000, errmsg: 'sign not match' });
    expect(await seen()).toMatchObject([{ way: 'custom', text: 'alert' }]);
  });

  it('C69 stops a custom robot after 20 messages a minute', async () => {
    await dingtalk.control('POST', '/custom-robots', { token: 't2', groupId: 'group1' });
    const body = { msgtype: 'text', text: { content: 'x' } };
    const codes = [];
    for (let n = 0; n < 21; n += 1)
      codes.push((await dingtalk.call('POST', '/robot/send?access_token=t2', body)).body.errcode);

    expect(codes.slice(-2)).toEqual([0, 130101]);
  });

  it('C70 attaches a reaction after a first system.err', async () => {
    const peer = await dingtalk.connect();
    await dingtalk.control('PUT', '/faults', {
      on: 'reaction',
      times: 1,
      act: { error: 'systemErr' },
    });
    await dingtalk.control('POST', '/messages', { from: '0101', clientId: BOT, text: '?' });
    const { msgId, conversationId } = JSON.parse(
      (await eventually(() => peer.ofTopic(ROBOT_TOPIC)[0])).data,
    );
    const body = {
      robotCode: BOT,
      openMsgId: msgId,
      openConversationId: conversationId,
      emotionName: '🤔',
    };
    const answers = [];
    for (let n = 0; n < 2; n += 1)
      answers.push(await dingtalk.api('POST', '/v1.0/robot/emotion/reply', body));

    expect(answers[0]).toMatchObject({ status: 500, body: { code: 'system.err' } });
    expect(answers[1]?.body).toEqual({ success: true });
    expect(await seen()).toMatchObject([{ reactions: ['🤔'] }]);
  });

  it('records calls by path template and never a secret', async () => {
    const webhook = await webhookOf();
    await say(webhook, 'hi');
    await dingtalk.api('POST', SEND, aMessage());
    const calls = await dingtalk.control('GET', `/calls?clientId=${BOT}`);
    const text = JSON.stringify(calls);

    expect(calls.map((call: { name: string }) => call.name)).toEqual([
      'open',
      'webhook',
      'token',
      'batchSend',
    ]);
    expect(calls[1].path).toBe('/robot/sendBySession');
    for (const secret of [
      SECRET,
      await dingtalk.token(),
      new URL(webhook).searchParams.get('session'),
    ])
      expect(text).not.toContain(secret);
  });
});
