import { aFrame, until } from './fake-gateway.fixture';
import type { FrameReply } from './stream-frame';
import { StreamHarness } from './stream-harness.fixture';

const t = new StreamHarness();
beforeEach(() => t.setUp());
afterEach(() => t.tearDown());

describe('ChannelStream, frames', () => {
  it('acknowledges what its handler took, and hands it the frame', async () => {
    t.aStream();
    await t.connected();
    t.gateway.push('a');
    await until(() => t.gateway.acks.length === 1);
    expect(t.gateway.acks[0]).toMatchObject({
      code: 200,
      headers: { messageId: 'a' },
      data: '{"response":null}',
    });
    expect(t.frames).toEqual([
      expect.objectContaining({
        type: 'CALLBACK',
        topic: '/v1.0/im/bot/messages/get',
        messageId: 'a',
        data: '{"msgId":"m"}',
        connectionId: 'c1',
        receivedAtMs: t.clock.now(),
      }),
    ]);
  });

  it('C37 C40 answers 500 when the handler fails, LATER for events, and nothing when told so', async () => {
    const replies: Record<string, () => Promise<FrameReply>> = {
      thrown: () => Promise.reject(new Error('redis away')),
      silent: () => Promise.resolve(undefined),
      later: () => Promise.resolve({ code: 500 }),
      own: () => Promise.resolve({ code: 200, data: { response: { a: 1 } } }),
      circular: () => Promise.resolve({ code: 200, data: 1n }),
    };
    t.aStream({ handle: (frame) => (replies[frame.messageId] as () => Promise<FrameReply>)() });
    await t.connected();
    for (const id of ['thrown', 'silent', 'own', 'circular']) t.gateway.push(id);
    t.gateway.push('later', { type: 'EVENT', headers: { topic: '*', messageId: 'later' } });
    await until(() => t.gateway.acks.length === 4);
    const byId = Object.fromEntries(
      t.gateway.acks.map((a) => [a.headers.messageId, [a.code, a.data]]),
    );
    expect(byId).toEqual({
      thrown: [500, '{"response":null}'],
      own: [200, '{"response":{"a":1}}'],
      circular: [500, '{"response":null}'],
      later: [500, '{"status":"LATER"}'],
    });
  });

  it('C20 echoes the opaque value of a ping', async () => {
    t.aStream();
    await t.connected();
    t.gateway.push('p', {
      type: 'SYSTEM',
      headers: { topic: 'ping', messageId: 'p' },
      data: '{"opaque":"x"}',
    });
    await until(() => t.gateway.acks.length === 1);
    expect(t.gateway.acks[0]).toMatchObject({
      code: 200,
      headers: { messageId: 'p' },
      data: '{"opaque":"x"}',
    });
  });

  it('C24 survives every malformed frame and keeps the connection', async () => {
    t.aStream();
    await t.connected();
    const { socket } = t.gateway;
    const headers = { topic: '/v1.0/im/bot/messages/get', messageId: 'x' };
    for (const text of [
      '{"cut',
      'null',
      '[]',
      '',
      '7',
      '{}',
      '{"type":"CALLBACK"}',
      '{"type":"CALLBACK","headers":null}',
      '{"headers":{"topic":"t"}}',
    ])
      socket.send(text);
    socket.send(Buffer.from(JSON.stringify(aFrame('binary'))), { binary: true });
    socket.send(JSON.stringify({ type: 'HOLOGRAM', headers }));
    socket.send(JSON.stringify({ type: 'SYSTEM', headers: { topic: 'disconnected?' } }));
    socket.send(JSON.stringify({ type: 'CALLBACK', headers: { topic: 'error', messageId: 'e' } }));
    socket.send(
      JSON.stringify({ type: 'CALLBACK', headers: { ...headers, messageId: undefined } }),
    );
    socket.send(
      JSON.stringify({ type: 'CALLBACK', header: { ...headers, messageId: 7 }, data: { a: 1 } }),
    );
    await until(() => t.gateway.acks.length === 2);
    expect(t.gateway.acks.map((ack) => [ack.headers.messageId, ack.code])).toEqual([
      ['e', 404],
      ['7', 200],
    ]);
    expect(t.frames.map(({ messageId, data }) => [messageId, data])).toEqual([
      ['', ''],
      ['7', '{"a":1}'],
    ]);
    expect(t.faults).toHaveLength(11);
    expect(t.gateway.sockets).toHaveLength(1);
    expect(t.isConnected).toBe(true);
  });

  it('C25 handles a frame of 256 KiB and survives one of 5 MiB', async () => {
    t.aStream();
    await t.connected();
    t.gateway.push('big', { data: 'x'.repeat(256 * 1024) });
    await until(() => t.gateway.acks.length === 1);
    t.gateway.push('huge', { data: 'x'.repeat(5 * 1024 * 1024) });
    await until(() => t.stream?.report.code === 'protocol_error');
    await t.untilOpens(2);
    await t.connected();
    expect(t.frames).toHaveLength(1);
  });

  it('C27 acknowledges each of a thousand messages that come at once, never holding more than allowed', async () => {
    let inHand = 0;
    let most = 0;
    t.aStream({
      maxInFlight: 50,
      handle: async () => {
        most = Math.max(most, ++inHand);
        await new Promise((resolve) => setImmediate(resolve));
        inHand -= 1;
        return { code: 200 };
      },
    });
    await t.connected();
    const big = 'y'.repeat(4_096);
    for (let i = 0; i < 1_000; i += 1) t.gateway.push(`m${i}`, { data: big });
    await until(() => t.gateway.acks.length === 1_000);
    expect(new Set(t.gateway.acks.map((ack) => ack.headers.messageId)).size).toBe(1_000);
    expect(most).toBeLessThan(200);
  });
});
