import { OutboundGuard } from '@common/outbound';

import { anApp, FakeApi, failureOf, hang, json, raw, reset } from '../open-api/fake-api.fixture';

let api: FakeApi;
beforeEach(async () => (api = await new FakeApi().listen()));
afterEach(() => api.close());

const markdown = (title: string, text: string) => ({ kind: 'markdown', title, text }) as const;
const toUser = { robotCode: 'r', userId: 'u1', content: markdown('回答', '**hi**') };

describe('Reactions', () => {
  it('C70 attaches "thinking" to a message, and takes it away', async () => {
    api.fallback = json(200, { success: true });
    const { reactions } = api.aClient();
    const message = { robotCode: 'r', messageId: 'msg==', conversationId: 'cid==' };
    await reactions.attach(anApp(), message);
    await reactions.recall(anApp(), message);
    expect(api.calls.map(({ path }) => path)).toEqual([
      '/v1.0/robot/emotion/reply',
      '/v1.0/robot/emotion/recall',
    ]);
    expect(api.calls[0]?.body).toEqual({
      robotCode: 'r',
      openMsgId: 'msg==',
      openConversationId: 'cid==',
      emotionType: 2,
      emotionName: '🤔思考中',
      textEmotion: {
        emotionId: '2659900',
        emotionName: '🤔思考中',
        text: '🤔思考中',
        backgroundId: 'im_bg_1',
      },
    });
  });
});

describe('Robots', () => {
  it('sends Markdown to a person', async () => {
    api.fallback = json(200, {
      processQueryKey: 'k',
      invalidStaffIdList: [],
      flowControlledStaffIdList: [],
    });
    expect(await api.aClient().robots.sendToUser(anApp(), toUser)).toEqual({
      processQueryKey: 'k',
    });
    expect(api.calls[0]).toMatchObject({
      path: '/v1.0/robot/oToMessages/batchSend',
      body: {
        robotCode: 'r',
        userIds: ['u1'],
        msgKey: 'sampleMarkdown',
        msgParam: '{"title":"回答","text":"**hi**"}',
      },
    });
  });

  it('sends Markdown to a group', async () => {
    api.fallback = json(200, { processQueryKey: 'k' });
    const message = {
      robotCode: 'r',
      openConversationId: 'cid==',
      content: markdown('a', 'b\ud83d'),
    };
    expect(await api.aClient().robots.sendToGroup(anApp(), message)).toEqual({
      processQueryKey: 'k',
    });
    expect(api.calls[0]).toMatchObject({
      path: '/v1.0/robot/groupMessages/send',
      body: { openConversationId: 'cid==', msgParam: '{"title":"a","text":"b\ufffd"}' },
    });
  });

  it('C63 sees the refused or throttled person behind HTTP 200', async () => {
    const { robots } = api.aClient();
    api.fallback = json(200, { processQueryKey: 'k', invalidStaffIdList: ['u1'] });
    expect(await failureOf(robots.sendToUser(anApp(), toUser))).toMatchObject({
      code: 'recipient_rejected',
      retry: 'never',
    });
    api.fallback = json(200, { processQueryKey: 'k', flowControlledStaffIdList: ['u1'] });
    expect(await failureOf(robots.sendToUser(anApp(), toUser))).toMatchObject({
      code: 'dingtalk_throttled',
      retry: { afterMs: 5_000 },
    });
    api.fallback = json(400, { code: 'staffId.notExisted' });
    expect(await failureOf(robots.sendToUser(anApp(), toUser))).toMatchObject({
      code: 'recipient_rejected',
    });
  });

  it.each([
    ['504', raw(504, ''), 'unknown'],
    ['a reset', reset, 'unknown'],
    ['500 system.error', json(500, { code: 'system.error' }), 'not_processed'],
    ['400 send.too.fast', json(400, { code: 'send.too.fast' }), 'refused'],
  ])('C64 sends once and says after %s: %s', async (_name, answer, outcome) => {
    api.fallback = answer;
    expect(await failureOf(api.aClient().robots.sendToUser(anApp(), toUser))).toMatchObject({
      outcome,
    });
    expect(api.calls).toHaveLength(1);
  });
});

describe('Webhooks', () => {
  const markdown = { title: '回答', text: 'hello @0147' };
  const webhook = (): string => `${api.url}/robot/sendBySession?session=66d7s3cret`;

  it('replies without a token and adds the mention that the text lacks', async () => {
    api.fallback = json(200, { errcode: '0', errmsg: 'ok' });
    const { webhooks } = api.aClient();
    await webhooks.reply(webhook(), { markdown, atUserIds: ['0147', '99'] });
    expect(api.calls[0]).toMatchObject({ method: 'POST', token: undefined });
    expect(api.calls[0]?.body).toEqual({
      msgtype: 'markdown',
      markdown: { title: '回答', text: 'hello @0147\n\n@99' },
      at: { atUserIds: ['0147', '99'], atMobiles: [], isAtAll: false },
    });
    await webhooks.reply(webhook(), { markdown });
    expect(api.calls[1]?.body).toMatchObject({ markdown, at: { atUserIds: [] } });
  });

  it.each([
    ['C60', { errcode: 300001, errmsg: 'session 不存在' }, 'webhook_expired'],
    ['C61', { errcode: '300001' }, 'webhook_expired'],
    ['C62', { errcode: 460101 }, 'webhook_content_too_large'],
    ['C62', { errcode: 101002 }, 'webhook_content_too_large'],
    ['C69', { errcode: 130101 }, 'dingtalk_throttled'],
    ['C7', { errcode: 40035 }, 'dingtalk_rejected'],
    ['C67', { status: 1111 }, 'dingtalk_ip_banned'],
  ])('%s finds %j behind HTTP 200', async (_c, body, code) => {
    api.fallback = json(200, body);
    expect(await failureOf(api.aClient().webhooks.reply(webhook(), { markdown }))).toMatchObject({
      code,
    });
  });

  it('C65 does not wait for ever, and does not know what became of the reply', async () => {
    api.fallback = hang;
    const { webhooks } = api.aClient();
    expect(
      await failureOf(webhooks.reply(webhook(), { markdown }, { timeoutMs: 40 })),
    ).toMatchObject({ outcome: 'unknown' });
  });

  it('C56 refuses a webhook that leads into our own network, at sight and at connect', async () => {
    const { webhooks } = api.aClient({
      guard: new OutboundGuard({
        resolve: (_h, _o, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
      }),
    });
    expect(await failureOf(webhooks.reply(webhook(), { markdown }))).toMatchObject({
      code: 'outbound_refused',
    });
    const named = webhook().replace('127.0.0.1', 'oapi.example');
    expect(await failureOf(webhooks.reply(named, { markdown }))).toMatchObject({
      code: 'outbound_refused',
    });
    expect(api.calls).toHaveLength(0);
  });

  it('C56 refuses a webhook with a user name in it', async () => {
    const url = webhook().replace('//', '//user:pw@');
    const failure = await failureOf(api.aClient().webhooks.reply(url, { markdown }));
    expect(failure).toMatchObject({ code: 'outbound_refused', reason: 'credentials_in_url' });
  });

  it('C56 does not follow a redirect', async () => {
    api.fallback = (response) =>
      response.writeHead(302, { location: `${api.url}/elsewhere` }).end();
    expect(await failureOf(api.aClient().webhooks.reply(webhook(), { markdown }))).toMatchObject({
      code: 'dingtalk_rejected',
    });
    expect(api.calls).toHaveLength(1);
  });
});
