import { Injectable } from '@nestjs/common';

import { ChannelStream } from '@common/dingtalk';
import type { ConnectionReport } from '@common/domain';
import { Logger } from '@common/logging';
import { Egress } from '@common/outbound';

import type { RosterChannel } from '../channels/channel-roster.repository';
import { GatewayConfig } from '../gateway.config';
import { IntakePipeline } from '../intake/intake.pipeline';
import { ConnectionBoard } from './connection-board.service';
import { StreamMetrics } from './stream-metrics.service';

interface Kept {
  channel: RosterChannel;
  readonly stream: ChannelStream;
}

/** The streams of this gateway, one per channel it holds; told by others what to open and what to close. */
@Injectable()
export class ConnectionKeeper {
  private readonly kept = new Map<string, Kept>();
  /** Streams on their way out: a channel is opened again only when its old stream is gone. */
  private readonly closing = new Map<string, Promise<void>>();
  private onChange: (channelId: string) => void = () => undefined;
  private beforeOpening: () => Promise<void> = () => Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly config: GatewayConfig,
    private readonly intake: IntakePipeline,
    private readonly board: ConnectionBoard,
    private readonly egress: Egress,
    private readonly metrics: StreamMetrics,
    private readonly logger: Logger,
  ) {}

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
    const kept: Kept = { channel, stream: this.streamOf(channel, () => kept.channel) };
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
  private keepsWithNewSecret({ channel: before, stream }: Kept, channel: RosterChannel): boolean {
    const isPromoted = channel.previousKey === before.connectionKey;
    if (!isPromoted || stream.report.state !== 'connected') return false;
    stream.useSecret(channel.clientSecret);
    return true;
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

  private streamOf(channel: RosterChannel, current: () => RosterChannel): ChannelStream {
    return new ChannelStream({
      apiUrl: this.config.DINGTALK_API_URL,
      clientId: channel.clientId,
      clientSecret: channel.clientSecret,
      egress: this.egress,
      pingMs: this.config.GATEWAY_PING_MS,
      onOpened: (result) => this.metrics.opened(result),
      onEnded: (reason) => this.metrics.ended(reason),
      beforeOpening: this.beforeOpening,
      handle: (frame) => this.intake.take(current(), frame),
      onReport: (report) => {
        this.logger.info('connection changed', {
          channelId: channel.id,
          code: report.code,
          state: report.state,
        });
        this.board.post(channel, report);
        this.onChange(channel.id);
      },
      onFault: (error) => this.logger.warn('frame not handled', { channelId: channel.id, error }),
    });
  }
}
