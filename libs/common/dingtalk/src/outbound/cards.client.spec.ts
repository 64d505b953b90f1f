import { anApp, FakeApi, failureOf, json, raw } from '../open-api/fake-api.fixture';
import type { CardFrame, NewCard } from './cards.client';

let api: FakeApi;
beforeEach(async () => (api = await new FakeApi().listen()));
afterEach(() => api.close());

const aCard = (fields: Partial<NewCard> = {}): NewCard => ({
  outTrackId: 'd1',
  templateId: 't.schema',
  params: { content: '' },
  target: { kind: 'group', conversationId: 'cid==', robotCode: 'ding1' },
  lastMessage: 'AI',
  ...fields,
});
const aFrame = (fields: Partial<CardFrame> = {}): CardFrame => ({
  outTrackId: 'd1',
  guid: 'g1',
  key: 'content',
  content: 'whole text',
  isFinalize: false,
  isError: false,
  ...fields,
});
const delivered = (entry: object): object => ({
  success: true,
  result: { outTrackId: 'd1', deliverResults: [entry] },
});

describe('Cards.create', () => {
  it('C80 creates and delivers a card into a group, mentioning the asker', async () => {
    api.fallback = json(
      200,
      delivered({ spaceType: 'IM_GROUP', success: true, carrierId: '4v+A=', errorMsg: '' }),
    );
    const mention = { userId: '0147', name: '小钉' };
    const target = { kind: 'group', conversationId: 'cid==', robotCode: 'ding1', mention } as const;
    expect(await api.aClient().cards.create(anApp(), aCard({ target }))).toEqual({
      delivered: true,
      processQueryKey: '4v+A=',
    });
    expect(api.calls[0]).toMatchObject({
      method: 'POST',
      path: '/v1.0/card/instances/createAndDeliver',
    });
    expect(api.calls[0]?.body).toEqual({
      cardTemplateId: 't.schema',
      outTrackId: 'd1',
      callbackType: 'STREAM',
      cardData: { cardParamMap: { content: '' } },
      userIdType: 1,
      openSpaceId: 'dtv1.card//IM_GROUP.cid==',
      imGroupOpenSpaceModel: {
        supportForward: true,
        lastMessageI18n: { ZH_CN: 'AI', EN_US: 'AI' },
      },
      imGroupOpenDeliverModel: { robotCode: 'ding1', atUserIds: { '0147': '小钉' } },
      cardAtUserIds: ['0147'],
    });
  });

  it('C80 creates and delivers a card to one person', async () => {
    await api
      .aClient()
      .cards.create(anApp(), aCard({ target: { kind: 'direct', userId: 'u1', robotCode: 'r' } }));
    expect(api.calls[0]?.body).toMatchObject({
      openSpaceId: 'dtv1.card//IM_ROBOT.u1',
      imRobotOpenSpaceModel: { supportForward: true },
      imRobotOpenDeliverModel: {
        spaceType: 'IM_ROBOT',
        robotCode: 'r',
        extension: { dynamicSummary: 'true' },
      },
    });
  });

  it('C81 sees a failed delivery behind HTTP 200, and decides on the boolean alone', async () => {
    const { cards } = api.aClient();
    api.fallback = json(200, delivered({ success: false, errorMsg: 'user not found' }));
    expect(await cards.create(anApp(), aCard())).toEqual({
      delivered: false,
      reason: 'user not found',
    });
    api.fallback = json(200, delivered({ success: true, errorMsg: 'SYSTEM_ERROR' }));
    expect(await cards.create(anApp(), aCard())).toEqual({ delivered: true });
  });

  it('C81 counts an answer without results as delivered', async () => {
    const { cards } = api.aClient();
    for (const answer of [json(200, { success: true }), json(200, { success: true, result: {} })]) {
      api.fallback = answer;
      expect(await cards.create(anApp(), aCard())).toEqual({ delivered: true });
    }
  });

  it('C82 takes a card that exists already as the success of an earlier call', async () => {
    api.fallback = json(400, { code: 'param.cardAlreadyExist', requestid: 'r' });
    expect(await api.aClient().cards.create(anApp(), aCard())).toEqual({
      delivered: true,
      repeated: true,
    });
  });

  it.each([
    [400, 'param.templateNotExist', 'card_template_unusable'],
    [400, 'param.templateUnpublished', 'card_template_unusable'],
    [400, 'param.contentUnsafe', 'card_content_unsafe'],
    [400, 'param.openSpaceIdInvalid', 'dingtalk_rejected'],
    [500, 'system.busy', 'dingtalk_unavailable'],
    [403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied', 'dingtalk_scope_missing'],
  ])('C80 C94 says what %i %s means', async (status, platformCode, code) => {
    api.fallback = json(status, { code: platformCode, requestid: 'r7' });
    expect(await failureOf(api.aClient().cards.create(anApp(), aCard()))).toMatchObject({
      code,
      details: {
        status,
        platformCode,
        requestId: 'r7',
        api: '/v1.0/card/instances/createAndDeliver',
      },
    });
  });

  it('C82 leaves an unknown outcome unknown', async () => {
    api.fallback = raw(504, '');
    expect(await failureOf(api.aClient().cards.create(anApp(), aCard()))).toMatchObject({
      outcome: 'unknown',
    });
  });
});

describe('Cards.stream and update', () => {
  it('C83 always sends the whole text as such', async () => {
    await api.aClient().cards.stream(anApp(), aFrame({ isFinalize: true }));
    expect(api.calls[0]).toMatchObject({ method: 'PUT', path: '/v1.0/card/streaming' });
    expect(api.calls[0]?.body).toEqual({ ...aFrame({ isFinalize: true }), isFull: true });
  });

  it('C85 sends empty content', async () => {
    await api.aClient().cards.stream(anApp(), aFrame({ content: '', isError: true }));
    expect(api.calls[0]?.body).toMatchObject({ content: '', isError: true });
  });

  it.each([
    ['C83', 400, 'param.stream.outTrackId', 'card_not_exist'],
    ['C83', 400, 'param.cardNotExist', 'card_not_exist'],
    ['C83', 500, 'unknownError', 'card_template_mismatch'],
    ['C86', 400, 'param.stream.content', 'card_content_too_large'],
    ['C83', 400, 'param.contentUnsafe', 'card_content_unsafe'],
    ['C83', 400, 'param.stream.keyEmpty', 'dingtalk_rejected'],
    ['C95', 403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'dingtalk_throttled'],
    ['C96', 500, 'system.error', 'dingtalk_unavailable'],
  ])('%s says what %i %s means', async (_c, status, platformCode, code) => {
    api.fallback = json(status, { code: platformCode });
    expect(await failureOf(api.aClient().cards.stream(anApp(), aFrame()))).toMatchObject({ code });
    expect(api.calls).toHaveLength(1);
  });

  it('C91 updates by key only', async () => {
    await api.aClient().cards.update(anApp(), { outTrackId: 'd1', params: { status: 'done' } });
    expect(api.calls[0]).toMatchObject({ method: 'PUT', path: '/v1.0/card/instances' });
    expect(api.calls[0]?.body).toEqual({
      outTrackId: 'd1',
      cardData: { cardParamMap: { status: 'done' } },
      cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
      userIdType: 1,
    });
  });

  it('prepares a card that nobody sees', async () => {
    const { cards } = api.aClient();
    await cards.prepare(anApp(), aCard());
    expect(api.calls[0]).toMatchObject({ method: 'POST', path: '/v1.0/card/instances' });
    expect(Object.keys(api.calls[0]?.body ?? {})).not.toContain('openSpaceId');
    api.fallback = json(400, { code: 'param.templateNotExist' });
    expect(await failureOf(cards.prepare(anApp(), aCard()))).toMatchObject({
      code: 'card_template_unusable',
    });
  });
});
