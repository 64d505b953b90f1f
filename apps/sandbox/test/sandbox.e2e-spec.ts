import { DWClient, TOPIC_ROBOT } from 'dingtalk-stream';
import {
  BOT,
  eventually,
  ROBOT_TOPIC,
  type Frame,
  SandboxHarness,
  SECRET,
  StreamPeer,
} from './sandbox-harness';

describe('Stream mode', () => {
  let dingtalk: SandboxHarness;

  beforeEach(async () => {
    dingtalk = await SandboxHarness.start({ SANDBOX_REDELIVERY_MS: '150' });
  });
  afterEach(() => dingtalk.stop());

  const write = (text: string, more: object = {}) =>
    dingtalk.control('POST', '/messages', { from: '0101', clientId: BOT, text, ...more });
  const robotFrames = (peer: StreamPeer, count: number) =>
    eventually(() => peer.ofTopic(ROBOT_TOPIC).length >= count && peer.ofTopic(ROBOT_TOPIC));

  describe('opening', () => {
    it('C10 gives an endpoint and a ticket, and answers XML without Accept: application/json', async () => {
      const json = await dingtalk.openTicket();
      const xml = await dingtalk.openTicket({}, { accept: '*/*' });

      expect(json.body).toEqual({
        endpoint: expect.stringMatching(/^ws:.*\/connect$/),
        ticket: expect.any(String),
      });
      expect(xml.text).toContain('<ticket>');
    });

    it.each([
      ['no subscriptions', { subscriptions: [] }],
      ['an unknown type', { subscriptions: [{ type: 'NEWS', topic: '*' }] }],
      [
        'an event topic other than *',
        { subscriptions: [{ type: 'EVENT', topic: 'user_add_org' }] },
      ],
      ['a callback topic that is no path', { subscriptions: [{ type: 'CALLBACK', topic: 'bot' }] }],
    ])('C10 refuses %s', async (_what, body) => {
      expect((await dingtalk.openTicket(body)).status).toBe(400);
    });

    it('C13 answers 401 authFailed to a wrong secret', async () => {
      const answer = await dingtalk.openTicket({ clientSecret: 'wrong' });

      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ code: 'authFailed', message: '鉴权失败' });
    });

    it('C11 refuses a ticket used twice', async () => {
      const { endpoint, ticket } = (await dingtalk.openTicket()).body;
      const url = `${endpoint}?ticket=${encodeURIComponent(ticket)}`;
      const first = new StreamPeer(url);
      await first.opened;

      await expect(new StreamPeer(url).opened).rejects.toThrow('403');
      first.socket.terminate();
    });

    it('C11 refuses a late ticket', async () => {
      await dingtalk.control('PATCH', '/settings', { ticketLifeMs: 1 });
      const { endpoint, ticket } = (await dingtalk.openTicket()).body;
      const late = Date.now() + 5;
      await eventually(() => Date.now() > late);

      await expect(
        new StreamPeer(`${endpoint}?ticket=${encodeURIComponent(ticket)}`).opened,
      ).rejects.toThrow('403');
    });

    it('C12 hands out tickets with + / = and reports a client that does not encode them', async () => {
      const { endpoint, ticket } = (await dingtalk.openTicket()).body;
      expect(ticket).toMatch(/\+.*\/.*=/);
      const raw = new StreamPeer(`${endpoint}?ticket=${ticket}`);
      await raw.opened;

      expect(await dingtalk.violations()).toEqual(['ticketNotEncoded']);
      raw.socket.terminate();
    });

    it('C12 refuses a raw + when tickets are read like a form', async () => {
      await dingtalk.control('PATCH', '/settings', { ticketDecoding: 'form' });
      const { endpoint, ticket } = (await dingtalk.openTicket()).body;

      await expect(new StreamPeer(`${endpoint}?ticket=${ticket}`).opened).rejects.toThrow('403');
    });

    it.each([
      ['C14', 'an empty body', { empty: true }, 200, ''],
      ['C15', 'an empty object', { status: 200, body: {} }, 200, '{}'],
      ['C15', 'HTML', { html: true }, 400, '<!DOCTYPE html>'],
      ['C15', '503', { error: 'unavailable' }, 503, 'ServiceUnavailable'],
    ])('%s answers open with %s', async (_c, _what, act, status, words) => {
      await dingtalk.control('PUT', '/faults', { on: 'open', act });
      const answer = await dingtalk.openTicket();

      expect(answer.status).toBe(status);
      expect(answer.text).toContain(words);
    });

    it('C15 cuts the connection of an open call, once', async () => {
      await dingtalk.control('PUT', '/faults', { on: 'open', times: 1, act: { reset: true } });

      await expect(dingtalk.openTicket()).rejects.toThrow('fetch failed');
      expect((await dingtalk.openTicket()).status).toBe(200);
    });

    it('C16 lets the handshake hang, and still stops quickly', async () => {
      await dingtalk.control('PUT', '/faults', { on: 'handshake', act: { hang: true } });
      const { endpoint, ticket } = (await dingtalk.openTicket()).body;
      const peer = new StreamPeer(`${endpoint}?ticket=${encodeURIComponent(ticket)}`);
      peer.opened.catch(() => undefined);
      await eventually(async () => (await dingtalk.control('GET', '/faults'))[0].fired === 1);

      const startedAt = Date.now();
      await dingtalk.sandbox.stop();
      // A handshake that is waited for takes for ever.
      expect(Date.now() - startedAt).toBeLessThan(5_000);
    });

    it('C17 drops each connection after it opened', async () => {
      await dingtalk.control('PATCH', '/settings', { acceptThenDrop: 20 });
      const peer = await dingtalk.connect();

      expect(await eventually(() => peer.closeCode)).toBe(1011);
    });

    it('C18 changes the endpoint host from call to call', async () => {
      await dingtalk.control('PATCH', '/settings', { alternateEndpointHosts: true });
      const hosts = [await dingtalk.openTicket(), await dingtalk.openTicket()].map(
        ({ body }) => new URL(body.endpoint).hostname,
      );

      expect(hosts.sort()).toEqual(['127.0.0.1', 'localhost']);
    });
  });

  describe('the official client', () => {
    it('C30 connects unmodified, gets a robot message, and its ack stops the redelivery', async () => {
      jest.spyOn(console, 'info').mockImplementation(() => undefined);
      // The published package has no option for its host; this constant is read at call time.
      const constants = jest.requireActual<{ GATEWAY_URL: string }>('dingtalk-stream/constants');
      constants.GATEWAY_URL = `${dingtalk.sandbox.url}/v1.0/gateway/connections/open`;
      const client = new DWClient({ clientId: BOT, clientSecret: SECRET });
      const seen: { messageId: string; data: string }[] = [];
      client.registerCallbackListener(TOPIC_ROBOT, (frame) => {
        seen.push({ messageId: frame.headers.messageId, data: frame.data });
        // The first push is left un-acked on purpose.
        if (seen.length > 1) client.socketCallBackResponse(frame.headers.messageId, null);
      });
      await client.connect();

      const { msgId } = await write('你好');
      await eventually(
        async () => (await dingtalk.control('GET', '/deliveries'))[0].state === 'acked',
      );
      client.disconnect();

      expect(seen).toHaveLength(2);
      expect(seen[1]?.messageId).not.toBe(seen[0]?.messageId);
      expect(seen.map(({ data }) => JSON.parse(data).msgId)).toEqual([msgId, msgId]);
    });
  });

  describe('frames', () => {
    it('C20 sends SYSTEM ping and reports a changed opaque', async () => {
      await dingtalk.control('PATCH', '/settings', { pingMs: 50 });
      const peer = await dingtalk.connect();
      const ping = await eventually(() => peer.ofTopic('ping')[0]);
      peer.ack(ping, 200, { opaque: 'changed' });

      expect(await eventually(async () => (await dingtalk.violations())[0])).toBe('pingNotEchoed');
    });

    it('C20 takes a late answer to a ping for late, not for unknown', async () => {
      await dingtalk.control('PATCH', '/settings', { pingMs: 50, pingAnswerMs: 100 });
      const peer = await dingtalk.connect();
      await eventually(() => peer.ofTopic('ping')[0]);
      await dingtalk.control('PATCH', '/settings', { pingMs: 600_000 });
      await eventually(async () => (await dingtalk.violations())[0]);

      const ping = peer.ofTopic('ping').at(-1) as Frame; // there is one
      peer.ack(ping, 200, JSON.parse(ping.data));
      peer.ack({ ...ping, headers: { messageId: 'unheard-of' } }, 200, {});

      await eventually(async () => (await dingtalk.violations()).includes('ackUnknown'));
      const told = (await dingtalk.violations()).filter((kind) => kind !== 'pingUnanswered');
      expect(told).toEqual(['ackUnknown']);
    });

    it('C21 answers no ping any more when it is frozen', async () => {
      const peer = await dingtalk.connect();
      let pongs = 0;
      peer.socket.on('pong', () => (pongs += 1));
      peer.socket.ping();
      await eventually(() => pongs === 1);
      const [{ id }] = await dingtalk.control('GET', '/connections');
      await dingtalk.control('POST', `/connections/${id}/freeze`);
      peer.socket.ping();
      await write('still pushed to the dead connection');
      await robotFrames(peer, 1);

      expect(pongs).toBe(1);
      expect(await dingtalk.control('GET', '/connections')).toMatchObject([{ state: 'frozen' }]);
    });

    it.each([[false], [true]])(
      'C22 announces a disconnect (bare: %s), pushes no more, closes',
      async (bare) => {
        await dingtalk.control('PATCH', '/settings', { disconnectCloseMs: 100 });
        const old = await dingtalk.connect();
        const [{ id }] = await dingtalk.control('GET', '/connections');
        await dingtalk.control('POST', `/connections/${id}/disconnect`, { bare });
        const fresh = await dingtalk.connect();
        for (let n = 0; n < 10; n += 1) await write(`message ${n}`);
        await robotFrames(fresh, 10);
        const frame = await eventually(() => old.ofTopic('disconnect')[0]);

        expect('messageId' in frame.headers).toBe(!bare);
        expect(JSON.parse(frame.data)).toEqual({ reason: 'connection is expired' });
        expect(old.ofTopic(ROBOT_TOPIC)).toEqual([]);
        expect(await eventually(() => old.closeCode)).toBe(1000);
      },
    );

    it.each([[1000], [1001], [1006], [1011], [4001]])('C23 closes with %d', async (code) => {
      const peer = await dingtalk.connect();
      const [{ id }] = await dingtalk.control('GET', '/connections');
      await dingtalk.control('POST', `/connections/${id}/close`, { code });

      expect(await eventually(() => peer.closeCode)).toBe(code);
    });

    it('C23 resets the TCP connection', async () => {
      const peer = await dingtalk.connect();
      const [{ id }] = await dingtalk.control('GET', '/connections');
      await dingtalk.control('POST', `/connections/${id}/reset`);

      expect(await eventually(() => peer.closeCode)).toBe(1006);
    });

    it('C24 pushes any bytes, text or binary', async () => {
      const peer = await dingtalk.connect();
      await dingtalk.control('POST', '/frames', { clientId: BOT, raw: '{"headers":' });
      await dingtalk.control('POST', '/frames', { clientId: BOT, base64: '/wA=' });
      await eventually(() => peer.raw.length === 2);

      expect(String(peer.raw[0]?.data)).toBe('{"headers":');
      expect(peer.raw[1]).toEqual({ data: Buffer.from([255, 0]), isBinary: true });
    });

    it('C25 pushes a frame of 5 MiB', async () => {
      const peer = await dingtalk.connect();
      await dingtalk.control('POST', '/frames', { clientId: BOT, raw: 'x'.repeat(5 << 20) });

      expect((await eventually(() => peer.raw[0])).data.length).toBe(5 << 20);
    });
  });
});
