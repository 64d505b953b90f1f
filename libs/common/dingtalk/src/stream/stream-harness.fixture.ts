import { Secret } from '@common/config';
import type { ConnectionReport } from '@common/domain';

import { ChannelStream, type ChannelStreamOptions } from './channel-stream';
import { FakeGateway, until } from './fake-gateway.fixture';
import { ManualClock } from './manual-clock.fixture';
import type { FrameReply, StreamFrame } from './stream-frame';
import { StreamPulse } from './stream-pulse';

/** A channel stream before a gateway that can misbehave, with a clock that stands still. */
export class StreamHarness {
  gateway = new FakeGateway();
  clock = new ManualClock();
  stream: ChannelStream | null = null;
  reports: ConnectionReport[] = [];
  faults: unknown[] = [];
  frames: StreamFrame[] = [];

  async setUp(): Promise<void> {
    this.gateway = await new FakeGateway().listen();
    this.clock = new ManualClock();
    [this.reports, this.faults, this.frames, this.stream] = [[], [], [], null];
  }

  async tearDown(): Promise<void> {
    const stopping = this.stream?.stop();
    // Whoever waits for a closing handshake needs the time to pass.
    const ticker = setInterval(() => this.clock.advance(1_000), 5);
    await stopping;
    clearInterval(ticker);
    await this.gateway.close();
  }

  aStream(options: Partial<ChannelStreamOptions> = {}): ChannelStream {
    this.stream = new ChannelStream({
      apiUrl: this.gateway.url,
      clientId: 'ding1',
      clientSecret: new Secret('s3cret'),
      handle: (frame): Promise<FrameReply> => {
        this.frames.push(frame);
        return Promise.resolve({ code: 200 });
      },
      onReport: (report) => this.reports.push(report),
      onFault: (error) => this.faults.push(error),
      clock: this.clock,
      pulse: new StreamPulse(this.clock, 10_000),
      random: () => 1,
      ...options,
    });
    this.stream.start();
    return this.stream;
  }

  get isConnected(): boolean {
    return this.stream?.report.state === 'connected';
  }

  connected(): Promise<void> {
    return until(() => this.isConnected, 'connected');
  }

  /** Lets a number of opens happen, one wait after the other. */
  async untilOpens(count: number, stepMs = 1_000): Promise<void> {
    await until(() => {
      if (this.gateway.opens.length < count) this.clock.advance(stepMs);
      return this.gateway.opens.length >= count;
    }, `${count} opens`);
  }
}
