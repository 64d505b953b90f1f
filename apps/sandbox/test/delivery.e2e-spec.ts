import {
  BOT,
  CARD_TOPIC,
  aCard,
  eventually,
  ROBOT_TOPIC,
  SandboxHarness,
  type StreamPeer,
} from './sandbox-harness';

const BOT2 = { clientId: 'dingsandboxbot2', clientSecret: 'sandbox-secret-2' };

describe('delivery', () => {
  let dingtalk: SandboxHarness;

  beforeEach(async () => {
    dingtalk = await SandboxHarness.start({ SANDBOX_REDELIVERY_MS: '120' });
  });
  afterEach(() => dingtalk.stop());

  const write = (more: object = {}) =>
    dingtalk.control('POST', '/messages', { from: '0101', clientId: BOT, text: '你好', ...more });
  const robotFrames = (peer: StreamPeer, count = 1) =>
    eventually(() => peer.ofTopic(ROBOT_TOPIC).length >= count && peer.ofTopic(ROBOT_TOPIC));
  const deliveries = () => dingtalk.control('GET', '/deliveries');
  const payload = async (peer: StreamPeer) => JSON.parse((await robotFrames(peer))[0]?.data ?? '');

  it('C30 pushes an un-acked message again with a new messageId and the same msgId', async () => {
    const peer = await dingtalk.connect();
    const { msgId } = await write();
    const [first, second] = await robotFrames(peer, 2);

    expect(second?.headers['messageId']).not.toBe(first?.headers['messageId']);
    expect(second?.data).toBe(first?.data);
    expect(JSON.parse(second?.data ?? '').msgId).toBe(msgId);
  });

  it('C31 redelivers before a late ack and stops after it', async () => {
    const peer = await dingtalk.connect();
    await write();
    const [first] = await robotFrames(peer, 2);
    if (first) peer.ack(first);

    await eventually(async () => (await deliveries())[0].state === 'acked');
    expect(await dingtalk.violations()).toEqual([]);
  });

  it('C32 pushes the same message on each connection', async () => {
    const peers = [await dingtalk.connect(), await dingtalk.connect()];
    await write({ copies: 2, spread: 'each' });
    const frames = await Promise.all(peers.map((peer) => robotFrames(peer)));

    expect(frames.map(([frame]) => JSON.parse(frame?.data ?? '').msgId)).toEqual([
      expect.any(String),
      expect.any(String),
    ]);
    expect(frames[0]?.[0]?.data).toBe(frames[1]?.[0]?.data);
  });

  it('C33 pushes one msgId to two robots, and people see one message with two mentions', async () => {
    const peers = [await dingtalk.connect(), await dingtalk.connect(BOT2)];
    const { msgId, conversationId } = await write({ groupId: 'group1' });
    await write({ groupId: 'group1', clientId: BOT2.clientId, msgId });
    const payloads = await Promise.all(peers.map(payload));

    expect(payloads.map((one) => one.msgId)).toEqual([msgId, msgId]);
    const seen = await dingtalk.control(
      'GET',
      `/conversations/${encodeURIComponent(conversationId)}/messages`,
    );
    expect(seen).toMatchObject([{ kind: 'user', mentions: [{ id: BOT }, { id: BOT2.clientId }] }]);
  });

  it('C34 chooses a random connection for each push', async () => {
    const peers = [await dingtalk.connect(), await dingtalk.connect()];
    for (let n = 0; n < 30; n += 1) await write();

    for (const peer of peers) expect((await robotFrames(peer, 3)).length).toBeGreaterThan(2);
  });

  it('C35 lets a test say when a message was created', async () => {
    const peer = await dingtalk.connect();
    await write({ overrides: { createAt: 5 } });

    expect(await payload(peer)).toMatchObject({ createAt: 5 });
  });

  it('C36 keeps routing to a connection that died without a closing handshake', async () => {
    await dingtalk.control('PATCH', '/settings', { ghostMs: 30_000 });
    const dead = await dingtalk.connect();
    dead.socket.terminate();
    await eventually(
      async () => (await dingtalk.control('GET', '/connections'))[0]?.state === 'ghost',
    );
    await write();
    expect(await deliveries()).toMatchObject([{ state: 'pushed' }]);

    const alive = await dingtalk.connect();
    expect((await robotFrames(alive)).length).toBeGreaterThan(0);
  });

  it('C37 takes code 500 for no ack', async () => {
    const peer = await dingtalk.connect();
    await write();
    const [first] = await robotFrames(peer);
    if (first) peer.ack(first, 500);

    await robotFrames(peer, 2);
  });

  it('C37 takes code 500 for an answer when the platform is set so', async () => {
    await dingtalk.control('PATCH', '/settings', { redeliverOn500: false });
    const peer = await dingtalk.connect();
    await write();
    const [first] = await robotFrames(peer);
    if (first) peer.ack(first, 500);

    await eventually(async () => (await deliveries())[0].state === 'refused');
  });

  it.each([
    ['without ack', undefined],
    ['on LATER', { code: 200, data: { status: 'LATER', message: 'busy' } }],
    ['on code 500', { code: 500, data: {} }],
  ])('C37 pushes an event again %s, and stops on SUCCESS', async (_when, ack) => {
    await dingtalk.control('PATCH', '/settings', { eventAckMs: 40, eventRetryMs: 40 });
    const peer = await dingtalk.connect();
    const { eventId } = await dingtalk.control('POST', '/events', {
      clientId: BOT,
      eventType: 'chat_update_title',
      data: { title: 'new' },
    });
    const first = await eventually(() => peer.ofTopic('*')[0]);
    if (ack) peer.ack(first, ack.code, ack.data);
    const second = await eventually(() => peer.ofTopic('*')[1]);
    peer.ack(second, 200, { status: 'SUCCESS', message: 'ok' });

    expect(first).toMatchObject({
      type: 'EVENT',
      headers: { eventId, eventType: 'chat_update_title' },
    });
    expect(second.headers['messageId']).not.toBe(first.headers['messageId']);
    await eventually(async () => (await deliveries())[0].state === 'acked');
  });

  it('C38 ignores an ack on the wrong connection and reports it', async () => {
    const peers = [await dingtalk.connect(), await dingtalk.connect()];
    await write();
    const got = await eventually(() => peers.find((peer) => peer.ofTopic(ROBOT_TOPIC).length > 0));
    const other = peers.find((peer) => peer !== got);
    const [frame] = got.ofTopic(ROBOT_TOPIC);
    if (frame) other?.ack(frame);

    expect(await eventually(async () => (await dingtalk.violations())[0])).toBe(
      'ackOnWrongConnection',
    );
    expect((await deliveries())[0].state).toBe('pushed');
  });

  it('C39 reports a double ack', async () => {
    const peer = await dingtalk.connect();
    await write();
    const [frame] = await robotFrames(peer);
    if (frame) [peer.ack(frame), peer.ack(frame)];

    expect(await eventually(async () => (await dingtalk.violations())[0])).toBe('doubleAck');
  });

  it('keeps a message while nobody is connected, says so in the chat, and pushes it on connect', async () => {
    const { msgId, conversationId } = await write();
    const seen = await dingtalk.control(
      'GET',
      `/conversations/${encodeURIComponent(conversationId)}/messages`,
    );
    const peer = await dingtalk.connect();

    expect(seen).toMatchObject([
      { kind: 'user', text: '你好' },
      { kind: 'notice', code: 'not_connected' },
    ]);
    expect((await payload(peer)).msgId).toBe(msgId);
  });

  it('C50 fills every common field, and the blank after a mention in groups', async () => {
    const peer = await dingtalk.connect();
    await write({ groupId: 'group1' });

    expect(await payload(peer)).toMatchObject({
      msgtype: 'text',
      text: { content: ' 你好' },
      conversationType: '2',
      conversationTitle: '产品讨论组',
      senderStaffId: '0101',
      robotCode: BOT,
      isInAtList: true,
      sessionWebhook: expect.stringContaining('/robot/sendBySession?session='),
      sessionWebhookExpiredTime: expect.any(Number),
    });
  });

  it('C50 pushes any payload, C26 with any field replaced or removed', async () => {
    const peer = await dingtalk.connect();
    await write({
      msgtype: 'richText',
      content: { richText: [{ text: 'look' }, { type: 'hologram' }] },
      overrides: { createAt: '17', future: { field: 1 }, senderNick: null },
    });
    const got = await payload(peer);

    expect(got).toMatchObject({
      msgtype: 'richText',
      content: { richText: [{ text: 'look' }, {}] },
      createAt: '17',
      future: { field: 1 },
    });
    expect(got).not.toHaveProperty('senderNick');
  });

  it('C52 leaves out senderStaffId for people outside the corp', async () => {
    await dingtalk.control('POST', '/people', { userId: 'ext1', name: 'Visitor', external: true });
    const peer = await dingtalk.connect();
    await write({ from: 'ext1' });

    expect(await payload(peer)).not.toHaveProperty('senderStaffId');
  });

  it('C55 pushes a quota frame when the monthly allowance is used up', async () => {
    await dingtalk.control('PATCH', '/settings', { messagesPerMonth: 1 });
    const peer = await dingtalk.connect();
    await write();
    await write();
    const frame = (await robotFrames(peer, 2))
      .map(({ data }) => JSON.parse(data))
      .find((one) => one.errorCode);

    expect(frame).toMatchObject({ errorCode: 20001 });
    expect(frame).not.toHaveProperty('text');
  });

  it('C92 applies the card data of a callback ack and reports updates made meanwhile', async () => {
    const peer = await dingtalk.connect();
    await dingtalk.api('POST', '/v1.0/card/instances/createAndDeliver', aCard('card-1'));
    const click = dingtalk.control('POST', '/card-actions', {
      outTrackId: 'card-1',
      userId: '0102',
      actionId: 'stop',
      params: { a: 1 },
    });
    const frame = await eventually(() => peer.ofTopic(CARD_TOPIC)[0]);
    await dingtalk.api('PUT', '/v1.0/card/instances', {
      outTrackId: 'card-1',
      cardData: { cardParamMap: { x: 'y' } },
      cardUpdateOptions: { updateCardDataByKey: true },
    });
    const cardData = { cardParamMap: { content: 'stopped' } };
    peer.ack(frame, 200, {
      response: { cardUpdateOptions: { updateCardDataByKey: true }, cardData },
    });

    expect(await click).toMatchObject({ acked: true, code: 200, response: { cardData } });
    expect(JSON.parse(JSON.parse(frame.data).content)).toEqual({
      cardPrivateData: { actionIds: ['stop'], params: { a: 1 } },
    });
    expect((await dingtalk.control('GET', '/cards'))[0].params).toEqual({
      content: 'stopped',
      x: 'y',
    });
    expect(await dingtalk.violations()).toEqual(['updateDuringCallback']);
  });

  it('C92 waits for the ack of a callback 2 s at most, C93 and sends content as told', async () => {
    await dingtalk.control('PATCH', '/settings', { callbackMs: 60 });
    const peer = await dingtalk.connect();
    await dingtalk.api('POST', '/v1.0/card/instances/createAndDeliver', aCard('card-1'));
    const result = await dingtalk.control('POST', '/card-actions', {
      outTrackId: 'card-1',
      userId: '0102',
      actionId: 'stop',
      overrides: { content: null },
    });

    expect(result).toMatchObject({ pushed: true, acked: false, reason: 'no_ack' });
    expect(JSON.parse(peer.ofTopic(CARD_TOPIC)[0]?.data ?? '')).not.toHaveProperty('content');
  });
});
