import { Secret } from '@common/config';

import { ChannelStream } from './channel-stream';
import { aFrame, answerWith, FakeGateway, until } from './fake-gateway.fixture';
import { StreamHarness } from './stream-harness.fixture';
import { StreamPulse } from './stream-pulse';

const t = new StreamHarness();
beforeEach(() => t.setUp());
afterEach(() => t.tearDown());

describe('ChannelStream, secrets', () => {
  it('C101 writes nothing to the console and no secret into reports and faults', async () => {
    const written: unknown[] = [];
    const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;
    const spies = methods.map((name) =>
      jest.spyOn(console, name).mockImplementation((...args) => void written.push(args)),
    );
    t.aStream({ handle: () => Promise.reject(new Error('handler')) });
    await t.connected();
    t.gateway.push('x');
    t.gateway.socket.send('t+/=&1 s3cret');
    await until(() => t.faults.length === 2);
    t.gateway.answerUpgrade = (socket) => socket.end('HTTP/1.1 500 t+/=&2\r\n\r\n');
    t.clock.advance(5_000);
    t.gateway.socket.terminate();
    await until(() => {
      t.clock.advance(1_000);
      return t.stream?.report.code === 'handshake_refused';
    });
    t.gateway.answerOpen = answerWith(
      400,
      '{"code":"s3cret !","message":"s3cret","endpoint":"t+/="}',
    );
    await until(() => {
      t.clock.advance(1_000);
      return t.stream?.report.code === 'open_rejected';
    });
    await t.stream?.stop();
    expect(JSON.stringify([t.reports, t.faults, written])).not.toMatch(/s3cret|t\+|t%2B/);
    expect(written).toEqual([]);
    spies.forEach((spy) => spy.mockRestore());
  });

  it('C100 shares nothing with another channel of the same process', async () => {
    const other = await new FakeGateway().listen();
    t.aStream();
    await t.connected();
    const second = new ChannelStream({
      apiUrl: other.url,
      clientId: 'ding2',
      clientSecret: new Secret('other'),
      handle: () => Promise.resolve({ code: 200, data: { mine: 2 } }),
      onReport: () => undefined,
      pulse: new StreamPulse(t.clock, 10_000),
    });
    second.start();
    await until(() => other.sockets.length === 1);
    other.socket.send(JSON.stringify(aFrame('b')));
    await until(() => other.acks.length === 1);
    expect(t.frames).toEqual([]);
    expect(t.gateway.acks).toEqual([]);
    expect(other.opens[0]).toMatchObject({ clientId: 'ding2', clientSecret: 'other' });
    await second.stop();
    await other.close();
  });
});
