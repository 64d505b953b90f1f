import { answerWith, until } from './fake-gateway.fixture';
import type { FrameReply } from './stream-frame';
import { StreamHarness } from './stream-harness.fixture';

const t = new StreamHarness();
beforeEach(() => t.setUp());
afterEach(() => t.tearDown());

describe('ChannelStream, stopping', () => {
  it('C41 acknowledges what is in flight, takes nothing new, closes with 1000 and does not come back', async () => {
    let release: (reply: FrameReply) => void = () => undefined;
    t.aStream({
      handle: (frame) => {
        t.frames.push(frame);
        return new Promise((resolve) => (release = resolve));
      },
    });
    await t.connected();
    t.gateway.push('in-flight');
    await until(() => t.frames.length === 1);
    const stopped = t.stream?.stop();
    t.gateway.push('too-late');
    t.gateway.push('p', { type: 'SYSTEM', headers: { topic: 'ping', messageId: 'p' } });
    await until(() => t.gateway.acks.length === 1);
    release({ code: 200 });
    await stopped;
    await until(() => t.gateway.closeCodes.length === 1);
    expect(t.gateway.acks.map((ack) => ack.headers.messageId)).toEqual(['p', 'in-flight']);
    expect(t.gateway.closeCodes).toEqual([1000]);
    expect(t.frames).toHaveLength(1);
    expect(t.stream?.report).toMatchObject({ state: 'disconnected', code: 'stopped' });
    expect(t.clock.sleepers.size).toBe(0);
  });

  it('retires: what arrives before the socket is gone is taken, too', async () => {
    let release: (reply: FrameReply) => void = () => undefined;
    t.aStream({
      handle: (frame) => {
        t.frames.push(frame);
        return new Promise((resolve) => (release = resolve));
      },
    });
    await t.connected();
    t.gateway.push('in-flight');
    await until(() => t.frames.length === 1);

    const retired = t.stream?.retire();
    t.gateway.push('late');
    await until(() => t.frames.length === 2);
    release({ code: 200 });
    t.clock.advance(2_000);
    await retired;

    expect(t.frames.map(({ messageId }) => messageId)).toEqual(['in-flight', 'late']);
    await until(() => t.gateway.closeCodes.length === 1);
    expect(t.gateway.closeCodes).toEqual([1000]);
    expect(t.clock.sleepers.size).toBe(0);
  });

  it('C41 waits for a hanging handler two seconds and no longer', async () => {
    t.aStream({ handle: () => new Promise(() => undefined) });
    await t.connected();
    t.gateway.push('never');
    await until(() => t.gateway.socket.bufferedAmount === 0);
    t.gateway.push('p', { type: 'SYSTEM', headers: { topic: 'ping', messageId: 'p' } });
    await until(() => t.gateway.acks.length === 1);
    let isStopped = false;
    const stopped = t.stream?.stop().then(() => (isStopped = true));
    t.clock.advance(1_999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    t.clock.advance(1);
    await stopped;
  });

  it.each([
    [
      'the gateway answers',
      () => (t.gateway.answerOpen = () => undefined),
      () => t.gateway.opens.length === 1,
    ],
    [
      'the handshake is answered',
      () => (t.gateway.answerUpgrade = () => undefined),
      () => t.gateway.tickets.length === 1,
    ],
  ])('stops before %s', async (_when, arrange, reached) => {
    arrange();
    t.aStream();
    await until(reached);
    await t.stream?.stop();
    expect(t.clock.sleepers.size).toBe(0);
    expect(t.stream?.report.code).toBe('stopped');
    expect(t.gateway.sockets).toHaveLength(0);
  });

  it('opens nothing when it is stopped while it asks whether it may', async () => {
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((asks) => {
      t.aStream({
        beforeOpening: () => {
          asks();
          return new Promise((resolve) => (answer = resolve));
        },
      });
    });
    await asked;

    const stopped = t.stream?.stop();
    answer();
    await stopped;

    expect(t.gateway.opens).toHaveLength(0);
  });

  it('stops while it waits for its next attempt, twice, and cannot be started again', async () => {
    t.gateway.answerOpen = answerWith(503, '');
    t.aStream();
    await until(() => t.stream?.report.state === 'disconnected');
    await Promise.all([t.stream?.stop(), t.stream?.stop()]);
    t.stream?.start();
    expect(t.clock.sleepers.size).toBe(0);
    expect(t.gateway.opens).toHaveLength(1);
  });

  it('C102 leaves no timer, listener or socket behind after two hundred connections', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', warn);
    t.aStream({ random: () => 0 });
    for (let round = 1; round <= 200; round += 1) {
      await until(() => t.gateway.sockets.length === round && t.isConnected);
      t.clock.advance(61_000);
      t.gateway.socket.terminate();
      await until(() => !t.isConnected || t.gateway.sockets.length > round);
    }
    await until(() => t.gateway.sockets.length === 201 && t.isConnected);
    // The pulse of the one live connection, nothing else.
    expect(t.clock.sleepers.size).toBe(1);
    const internals = t.stream as unknown as { links: readonly unknown[] };
    expect(internals.links).toHaveLength(1);
    await t.stream?.stop();
    expect(t.clock.sleepers.size).toBe(0);
    expect(internals.links).toHaveLength(0);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });
});
