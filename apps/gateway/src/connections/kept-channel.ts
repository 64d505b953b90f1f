import {
  ChannelStream,
  type ChannelStreamOptions,
  type EndpointRoutes,
  type FrameReply,
  type Route,
  type StreamFrame,
  type StreamPulse,
} from '@common/dingtalk';
import type { Secret } from '@common/config';
import type { ConnectionReport } from '@common/domain';
import type { Clock } from '@common/kernel';

import type { RosterChannel } from '../channels/channel-roster.repository';
import type { StreamMetrics } from './stream-metrics.service';

/** What is the same for every channel of a gateway. */
export interface ChannelSurroundings {
  readonly apiUrl: string;
  readonly routes: EndpointRoutes;
  readonly clock: Clock;
  readonly pulse: StreamPulse;
  readonly metrics: StreamMetrics;
  readonly beforeOpening: () => Promise<void>;
  readonly take: (channel: RosterChannel, frame: StreamFrame) => Promise<FrameReply>;
  readonly onReport: (channel: RosterChannel, report: ConnectionReport) => void;
  readonly onFault: (channel: RosterChannel, error: unknown) => void;
}

/**
 * A channel as it is now, and its stream. It is what the stream asks, so that nothing is kept twice: a gateway has
 * thousands of them.
 */
export class KeptChannel implements ChannelStreamOptions {
  readonly stream: ChannelStream;

  constructor(
    public channel: RosterChannel,
    private readonly around: ChannelSurroundings,
  ) {
    this.stream = new ChannelStream(this);
  }

  get apiUrl(): string {
    return this.channel.endpoint?.apiUrl ?? this.around.apiUrl;
  }

  get clientId(): string {
    return this.channel.clientId;
  }

  get clientSecret(): Secret {
    return this.channel.clientSecret;
  }

  get egress(): Route {
    return this.around.routes.to(this.channel.endpoint);
  }

  get clock(): Clock {
    return this.around.clock;
  }

  get pulse(): StreamPulse {
    return this.around.pulse;
  }

  handle(frame: StreamFrame): Promise<FrameReply> {
    return this.around.take(this.channel, frame);
  }

  onReport(report: ConnectionReport): void {
    this.around.onReport(this.channel, report);
  }

  onFault(error: unknown): void {
    this.around.onFault(this.channel, error);
  }

  onOpened(result: string): void {
    this.around.metrics.opened(result);
  }

  onEnded(reason: string): void {
    this.around.metrics.ended(reason);
  }

  beforeOpening(): Promise<void> {
    return this.around.beforeOpening();
  }
}
