import { answerWith, until } from './fake-gateway.fixture';
import type { FrameReply } from './stream-frame';
import { StreamHarness } from './stream-harness.fixture';

const t = new StreamHarness();
beforeEach(() => t.setUp());
afterEach(() => t.tearDown());

describe('ChannelStream, endings', () => {
  it.each([1000, 1001, 1011, 4000])(
    'C23 comes back at once when a proven connection closes with %i',
    async (code) => {
      t.aStream();
      await t.connected();
      t.clock.advance(5_000);
      t.gateway.socket.close(code);
      await until(() => t.stream?.report.state === 'disconnected');
      t.clock.advance(50);
      await until(() => t.gateway.sockets.length === 2);
      await t.connected();
      expect(t.stream?.report.lastError).toMatchObject({ code: 'connection_closed' });
    },
  );

  it('C23 comes back after a reset, which has no close code', async () => {
    t.aStream();
    await t.connected();
    t.clock.advance(5_000);
    t.gateway.socket.terminate();
    await until(() => t.stream?.report.code === 'connection_lost');
    t.clock.advance(50);
    await t.connected();
  });

  it('C17 backs off longer and longer when connections are accepted and dropped, and says so', async () => {
    t.gateway.onConnection = (socket) => socket.close(1000);
    t.aStream();
    const waits: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      await until(() => t.reports.filter(({ lastError }) => lastError).length > round * 2);
      await until(() => t.stream?.report.state === 'disconnected' && t.clock.sleepers.size === 1);
      const [sleeper] = t.clock.sleepers;
      const waitMs = (sleeper?.wakeAtMs ?? 0) - t.clock.now();
      waits.push(waitMs);
      t.clock.advance(waitMs);
      await until(() => t.gateway.opens.length === round + 2);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
    await until(() => t.stream?.report.code === 'dropped_repeatedly');
  });

  it('C21 gives up a half-open connection after two missed pongs', async () => {
    t.aStream();
    await t.connected();
    const startMs = t.clock.now();
    t.clock.advance(10_000);
    await until(() => t.clock.sleepers.size === 1);
    t.gateway.autoPong = false;
    let pings = 0;
    t.gateway.socket.on('ping', () => (pings += 1));
    await until(() => {
      t.clock.advance(1_000);
      return t.stream?.report.code === 'no_heartbeat';
    });
    expect(t.clock.now() - startMs).toBeGreaterThanOrEqual(30_000);
    await t.connected().catch(() => undefined);
  });

  it('C21 takes any frame as a sign of life', async () => {
    t.gateway.autoPong = false;
    t.aStream();
    await t.connected();
    for (let i = 0; i < 8; i += 1) {
      t.clock.advance(10_000);
      t.gateway.push(`m${i}`);
      await until(() => t.gateway.acks.length === i + 1);
    }
    expect(t.gateway.sockets).toHaveLength(1);
    expect(t.isConnected).toBe(true);
  });

  it('C21 keeps a connection that answers its pings', async () => {
    t.aStream();
    await t.connected();
    for (let i = 0; i < 8; i += 1) {
      const ponged = new Promise((resolve) => t.gateway.socket.once('ping', resolve));
      t.clock.advance(10_000);
      await ponged;
      t.gateway.push(`after-${i}`);
      await until(() => t.gateway.acks.length === i + 1);
    }
    expect(t.gateway.sockets).toHaveLength(1);
  });

  it.each([[{ messageId: 'd' }], [{}]])(
    'C22 C38 opens the replacement first, and acks on the old socket (%j)',
    async (ids) => {
      let release: (reply: FrameReply) => void = () => undefined;
      t.aStream({ handle: () => new Promise((resolve) => (release = resolve)) });
      await t.connected();
      t.clock.advance(5_000);
      const old = t.gateway.socket;
      t.gateway.push('slow');
      old.send(JSON.stringify({ type: 'SYSTEM', headers: { topic: 'disconnect', ...ids } }));
      await until(() => {
        t.clock.advance(50);
        return t.gateway.sockets.length === 2;
      });
      expect(old.readyState).toBe(1);
      expect(t.reports.map(({ state }) => state)).not.toContain('disconnected');
      release({ code: 200 });
      await until(() => t.gateway.closeCodes.length === 1);
      expect(
        t.gateway.acks.map(({ socket, headers }) => [socket === old, headers.messageId]),
      ).toEqual([[true, 'slow']]);
      expect(t.gateway.closeCodes).toEqual([1000]);
      expect(t.isConnected).toBe(true);
    },
  );

  it('C22 closes a draining connection after ten seconds, finished or not', async () => {
    t.aStream({ handle: () => new Promise(() => undefined) });
    await t.connected();
    t.clock.advance(5_000);
    t.gateway.push('never');
    t.gateway.push('d', { type: 'SYSTEM', headers: { topic: 'disconnect' } });
    await until(() => {
      t.clock.advance(50);
      return t.gateway.sockets.length === 2;
    });
    expect(t.gateway.closeCodes).toEqual([]);
    await until(() => {
      t.clock.advance(1_000);
      return t.gateway.closeCodes.length === 1;
    });
    expect(t.isConnected).toBe(true);
  });

  it('C22 closes a draining connection after ten seconds even if there is no replacement', async () => {
    t.aStream();
    await t.connected();
    t.clock.advance(5_000);
    t.gateway.answerOpen = answerWith(503, '');
    t.gateway.push('d', { type: 'SYSTEM', headers: { topic: 'disconnect' } });
    await until(() => {
      t.clock.advance(500);
      return t.gateway.closeCodes.length === 1;
    });
    expect(t.gateway.closeCodes).toEqual([1000]);
    expect(t.stream?.report.code).toBe('platform_unavailable');
  });

  it('says that nothing is connected when the announced end comes before the replacement', async () => {
    t.aStream();
    await t.connected();
    t.clock.advance(5_000);
    t.gateway.answerOpen = () => undefined;
    t.gateway.push('d', { type: 'SYSTEM', headers: { topic: 'disconnect' } });
    await until(() => {
      t.clock.advance(50);
      return t.gateway.opens.length === 2;
    });
    expect(t.isConnected).toBe(true);
    t.gateway.socket.close(1001);
    await until(() => t.stream?.report.state === 'disconnected');
  });
});
