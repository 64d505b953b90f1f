import { aCard, aFrame, BOT, SandboxHarness, SECRET } from './sandbox-harness';

const CREATE = '/v1.0/card/instances/createAndDeliver';
const STREAM = '/v1.0/card/streaming';

describe('cards', () => {
  let dingtalk: SandboxHarness;

  beforeEach(async () => {
    dingtalk = await SandboxHarness.start();
  });
  afterEach(() => dingtalk.stop());

  const create = (more: object = {}) => dingtalk.api('POST', CREATE, aCard('card-1', { ...more }));
  const stream = (content: string, more: object = {}) =>
    dingtalk.api('PUT', STREAM, aFrame('card-1', content, { ...more }));
  const card = async () => (await dingtalk.control('GET', '/cards'))[0];

  it('goes processing → inputting → finished, and people see it in the chat', async () => {
    const created = await create();
    const states = [(await card()).state];
    await stream('Hel');
    states.push((await card()).state);
    await stream('Hello', { isFinalize: true });
    states.push((await card()).state);

    expect(created.body).toMatchObject({
      success: true,
      result: { outTrackId: 'card-1', deliverResults: [{ spaceType: 'IM_ROBOT', success: true }] },
    });
    expect(states).toEqual(['processing', 'inputting', 'finished']);
    const { conversationId } = (await card()).space;
    const seen = await dingtalk.control(
      'GET',
      `/conversations/${encodeURIComponent(conversationId)}/messages`,
    );
    expect(seen).toMatchObject([{ kind: 'card', state: 'finished', text: 'Hello', clientId: BOT }]);
  });

  it.each([
    ['an unknown template', { cardTemplateId: 'x.schema' }, 'param.templateNotExist'],
    ['no template', { cardTemplateId: undefined }, 'param.cardTemplateIdEmpty'],
    ['no outTrackId', { outTrackId: '' }, 'param.outTrackIdEmpty'],
    ['no card data', { cardData: undefined }, 'param.cardPublicDataEmpty'],
    ['a number as a value', { cardData: { cardParamMap: { content: 1 } } }, 'param.invalid'],
    [
      'a space model without supportForward',
      { imRobotOpenSpaceModel: {} },
      'param.openSpaceModelInvalid',
    ],
    ['no space', { openSpaceId: undefined }, 'param.openSpaceIdEmpty'],
    ['a wrong space', { openSpaceId: 'IM_ROBOT.0101' }, 'param.openSpaceIdInvalid'],
    ['no deliver model', { imRobotOpenDeliverModel: undefined }, 'param.openDeliverModelEmpty'],
    [
      'a group without robotCode',
      { openSpaceId: 'dtv1.card//IM_GROUP.cid', imGroupOpenDeliverModel: {} },
      'param.openDeliverModelError',
    ],
  ])('C80 refuses %s', async (_what, more, code) => {
    expect(await create(more)).toMatchObject({ status: 400, body: { code } });
    expect(await dingtalk.control('GET', '/cards')).toEqual([]);
  });

  it('C81 says success outside and false inside, and nobody sees the card', async () => {
    await dingtalk.control('PUT', '/faults', {
      on: 'createAndDeliver',
      act: { deliverFalse: true },
    });
    const { status, body } = await create();

    expect({ status, success: body.success }).toEqual({ status: 200, success: true });
    expect(body.result.deliverResults).toMatchObject([
      { success: false, errorMsg: 'SYSTEM_ERROR' },
    ]);
    expect(await dingtalk.control('GET', '/conversations')).toEqual([]);
  });

  it('C81 says false for a person that does not exist', async () => {
    const { body } = await create({ openSpaceId: 'dtv1.card//IM_ROBOT.nobody' });

    expect(body.result.deliverResults).toMatchObject([{ success: false }]);
  });

  it('C82 refuses a repeated outTrackId, or keeps silent about it', async () => {
    await create();
    const refused = await create();
    await dingtalk.control('PATCH', '/settings', { repeatedCreate: 'silent' });
    const silent = await create();

    expect(refused).toMatchObject({ status: 400, body: { code: 'param.cardAlreadyExist' } });
    expect(silent.body).toEqual({ success: true, result: { outTrackId: 'card-1' } });
  });

  it('C82 creates without delivering when told so, and the retry meets the card', async () => {
    await dingtalk.control('PUT', '/faults', {
      on: 'createAndDeliver',
      times: 1,
      act: { createdButNotDelivered: true },
    });

    expect((await create()).status).toBe(504);
    expect((await create()).body.code).toBe('param.cardAlreadyExist');
    expect(await dingtalk.control('GET', '/conversations')).toEqual([]);
  });

  it.each([
    ['an unknown card', { outTrackId: 'nope' }, 400, 'param.stream.outTrackId'],
    ['no guid', { guid: '' }, 400, 'param.stream.guidEmpty'],
    ['no key', { key: '' }, 400, 'param.stream.keyEmpty'],
    ['isFull false on markdown', { isFull: false }, 400, 'param.stream.isFull'],
    ['a key that the template does not have', { key: 'msgContent' }, 500, 'unknownError'],
  ])('C83 refuses streaming with %s', async (_what, more, status, code) => {
    await create();

    expect(await stream('x', more)).toMatchObject({ status, body: { code } });
  });

  it('C84 applies one guid once', async () => {
    await create();
    await stream('one', { guid: 'g' });
    const again = await stream('two', { guid: 'g' });

    expect(again.body).toEqual({ success: true, result: true });
    expect(await card()).toMatchObject({ text: 'one', frames: [{ guid: 'g', contentLength: 3 }] });
  });

  it('C85 accepts an empty first frame, and an empty one with isError keeps the text', async () => {
    await create();
    const first = await stream('');
    await stream('half');
    await stream('', { isError: true });

    expect(first.status).toBe(200);
    expect(await card()).toMatchObject({ state: 'failed', text: 'half' });
  });

  it('C86 refuses content over the limit', async () => {
    await dingtalk.control('PATCH', '/settings', { contentLimit: 8 });
    await create();

    expect((await stream('三个字')).body).toMatchObject({
      code: 'param.stream.content',
      message: 'content is too large',
    });
  });

  it('C87 shows a finished card of more than 3000 characters blank', async () => {
    await create();
    const answer = await stream('字'.repeat(3_001), { isFinalize: true });

    expect(answer.status).toBe(200);
    expect(await card()).toMatchObject({ state: 'finished', text: '' });
  });

  it('C88 reports an older snapshot after a newer one, but not a new version', async () => {
    await create();
    await stream('The answer is long');
    await stream('Another version');
    expect(await dingtalk.violations()).toEqual([]);
    await stream('Another');

    expect(await dingtalk.violations()).toEqual(['shorterAfterLonger']);
  });

  it.each([
    ['ignore', 200],
    ['reject', 400],
  ])(
    'C89 meets streaming after finalize with %s, and reports it',
    async (streamingAfterFinalize, status) => {
      await dingtalk.control('PATCH', '/settings', { streamingAfterFinalize });
      await create();
      await stream('end', { isFinalize: true });

      expect((await stream('end and more')).status).toBe(status);
      expect(await dingtalk.violations()).toEqual(['streamingAfterFinalize']);
      expect((await card()).text).toBe('end');
    },
  );

  it('C90 lists the cards that are still open', async () => {
    await create();
    await stream('…');
    expect(await dingtalk.control('GET', '/cards?open=true')).toHaveLength(1);
    expect(await dingtalk.control('GET', '/cards?open=true&openForMs=60000')).toHaveLength(0);
    await stream('… done', { isFinalize: true });

    expect(await dingtalk.control('GET', '/cards?open=true')).toEqual([]);
  });

  it.each([
    [true, { content: 'kept', statusLine: 'done' }],
    [false, { statusLine: 'done' }],
  ])('C91 updates with updateCardDataByKey %s', async (updateCardDataByKey, params) => {
    await create({ cardData: { cardParamMap: { content: 'kept' } } });
    await dingtalk.api('PUT', '/v1.0/card/instances', {
      outTrackId: 'card-1',
      cardData: { cardParamMap: { statusLine: 'done' } },
      cardUpdateOptions: { updateCardDataByKey },
    });

    expect((await card()).params).toEqual(params);
  });

  it('C94 misses the streaming scope alone', async () => {
    const scopes = ['Card.Instance.Write', 'qyapi_robot_sendmsg'];
    await dingtalk.control('PUT', `/apps/${BOT}`, { clientSecret: SECRET, scopes });

    expect((await create()).status).toBe(200);
    expect((await stream('x')).body.accessdenieddetail).toEqual({
      requiredScopes: ['Card.Streaming.Write'],
    });
  });

  it('C95 throttles every third streaming call', async () => {
    await dingtalk.control('PUT', '/faults', { on: 'streaming', every: 3, act: { error: 'qps' } });
    await create();
    const statuses = [];
    for (let n = 1; n <= 6; n += 1) statuses.push((await stream('x'.repeat(n))).status);

    expect(statuses).toEqual([200, 200, 403, 200, 200, 403]);
  });

  it('C96 fails the finalize call three times', async () => {
    const fault = {
      on: 'streaming',
      times: 3,
      only: { isFinalize: true },
      act: { error: 'unknownError' },
    };
    await dingtalk.control('PUT', '/faults/c96', fault);
    await create();
    const statuses = [(await stream('a')).status];
    for (let n = 0; n < 4; n += 1) statuses.push((await stream('ab', { isFinalize: true })).status);

    expect(statuses).toEqual([200, 500, 500, 500, 200]);
    expect(await dingtalk.control('GET', '/faults')).toEqual([]);
  });

  it('shows what the finished layout of a shared template shows', async () => {
    const cardTemplateId = '02fcf2f4-5e02-4a85-b672-46d1f715543e.schema';
    await create({
      cardTemplateId,
      cardData: {
        cardParamMap: { flowStatus: '1', sys_full_json_obj: '{"order":["msgContent"]}' },
      },
    });
    await stream('text', { key: 'msgContent' });
    await dingtalk.api('PUT', '/v1.0/card/instances', {
      outTrackId: 'card-1',
      cardData: { cardParamMap: { flowStatus: '3', msgContent: 'final' } },
      cardUpdateOptions: { updateCardDataByKey: true },
    });

    expect(await card()).toMatchObject({ state: 'finished', text: 'final' });
  });

  it('does not let one app touch the card of another', async () => {
    await create();
    const answer = await dingtalk.api('PUT', STREAM, aFrame('card-1', 'x'), 'dingsandboxbot2');

    expect(answer.body.code).toBe('param.stream.outTrackId');
  });
});
