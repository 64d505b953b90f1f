import { Injectable } from '@nestjs/common';

import { EndpointRoutes, StreamPulse } from '@common/dingtalk';
import type { ConnectionReport } from '@common/domain';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';

import type { RosterChannel } from '../channels/channel-roster.repository';
import { GatewayConfig } from '../gateway.config';
import { IntakePipeline } from '../intake/intake.pipeline';
import { ConnectionBoard } from './connection-board.service';
import { type ChannelSurroundings, KeptChannel } from './kept-channel';
import { StreamMetrics } from './stream-metrics.service';

/** The streams of this gateway, one per channel it holds; told by others what to open and what to close. */
@Injectable()
export class ConnectionKeeper {
  private readonly kept = new Map<string, KeptChannel>();
  /** Streams on their way out: a channel is opened again only when its old stream is gone. */
  private readonly closing = new Map<string, Promise<void>>();
  private onChange: (channelId: string) => void = () => undefined;
  private beforeOpening: () => Promise<void> = () => Promise.resolve();
  private isStopped = false;
  private readonly around: ChannelSurroundings;

  constructor(
    config: GatewayConfig,
    intake: IntakePipeline,
    private readonly board: ConnectionBoard,
    routes: EndpointRoutes,
    metrics: StreamMetrics,
    private readonly logger: Logger,
    clock: Clock,
  ) {
    this.around = {
      ...{ routes, clock, metrics, apiUrl: config.DINGTALK_API_URL },
      pulse: new StreamPulse(clock, config.GATEWAY_PING_MS),
      beforeOpening: () => this.beforeOpening(),
      take: (channel, frame) => intake.take(channel, frame),
      onReport: (channel, report) => this.reported(channel, report),
      onFault: ({ id }, error) => logger.warn('frame not handled', { channelId: id, error }),
    };
  }

  /**
   * @param onChange a connection has another state, or is gone and may be opened again
   * @param beforeOpening awaited before each attempt to connect
   */
  start(onChange: (channelId: string) => void, beforeOpening: () => Promise<void>): void {
    this.onChange = onChange;
    this.beforeOpening = beforeOpening;
  }

  get channelIds(): string[] {
    return [...this.kept.keys()];
  }

  /** What the channel's stream says; undefined when there is none. */
  reportOf(channelId: string): ConnectionReport | undefined {
    return this.kept.get(channelId)?.stream.report;
  }

  /** Opens a connection unless there is one; an old one is closed first. */
  open(channel: RosterChannel): void {
    if (this.isStopped || this.kept.has(channel.id) || this.closing.has(channel.id)) return;
    const kept = new KeptChannel(channel, this.around);
    this.kept.set(channel.id, kept);
    kept.stream.start();
  }

  /** Goes on with the channel as it is now; true: its connection was closed, for it must be opened anew. */
  renew(channel: RosterChannel): boolean {
    const kept = this.kept.get(channel.id);
    if (!kept) return false;
    const isSame = kept.channel.connectionKey === channel.connectionKey;
    if (!isSame && !this.keepsWithNewSecret(kept, channel)) {
      void this.close(channel.id);
      return true;
    }
    kept.channel = channel;
    return false;
  }

  /** A secret that was tried and taken needs no new connection, as long as there is one. */
  private keepsWithNewSecret(kept: KeptChannel, channel: RosterChannel): boolean {
    const isPromoted = channel.previousKey === kept.channel.connectionKey;
    return isPromoted && kept.stream.report.state === 'connected';
  }

  /** @param isDeaf takes nothing any more that arrives meanwhile: the channel is switched off */
  close(id: string, { isDeaf = false } = {}): Promise<void> {
    const kept = this.kept.get(id);
    if (!kept) return this.closing.get(id) ?? Promise.resolve();
    this.kept.delete(id);
    const ended = isDeaf ? kept.stream.stop() : kept.stream.retire();
    const closed = ended.then(() => {
      this.closing.delete(id);
      this.board.remove(id);
      this.onChange(id);
    });
    this.closing.set(id, closed);
    return closed;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.channelIds.forEach((id) => void this.close(id));
    await Promise.all(this.closing.values());
  }

  private reported({ id, tenantId }: RosterChannel, report: ConnectionReport): void {
    const { code, state } = report;
    this.logger.info('connection changed', { channelId: id, code, state });
    this.board.post({ id, tenantId }, report);
    this.onChange(id);
  }
}
