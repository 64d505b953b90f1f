import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';
import { ChannelStream } from '@common/dingtalk';
import { Logger } from '@common/logging';

import { ChannelRosterRepository, type RosterChannel } from '../channels/channel-roster.repository';
import { GatewayConfig } from '../gateway.config';
import { IntakePipeline } from '../intake/intake.pipeline';
import { ConnectionBoard } from './connection-board.service';

const RECONCILE_MS = 15_000;

interface Kept {
  channel: RosterChannel;
  readonly stream: ChannelStream;
}

/** Opens and closes connections to match the channel list: one hardened stream per enabled channel. */
@Injectable()
export class ConnectionKeeper {
  private readonly kept = new Map<string, Kept>();
  private readonly stopping = new AbortController();
  private nudge = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: GatewayConfig,
    private readonly roster: ChannelRosterRepository,
    private readonly intake: IntakePipeline,
    private readonly board: ConnectionBoard,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.nudge.abort();
    await this.running;
    await Promise.all([...this.kept.keys()].map((id) => this.close(id)));
  }

  /** The next reconcile is now; several calls while one runs cause one more. */
  reconcileSoon(): void {
    this.nudge.abort();
  }

  async restart(channelId: string): Promise<void> {
    const kept = this.kept.get(channelId);
    if (!kept) return this.reconcileSoon();
    await this.close(channelId);
    // A reconcile that ran meanwhile may have opened it already.
    if (!this.stopping.signal.aborted && !this.kept.has(channelId)) this.open(kept.channel);
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.nudge = new AbortController();
      try {
        await this.reconcile();
      } catch (error) {
        // Static stability (P11): what is connected stays connected.
        this.logger.warn('channel list not read', { error });
      }
      if (!this.stopping.signal.aborted) await this.clock.sleep(RECONCILE_MS, this.nudge.signal);
    }
  }

  private async reconcile(): Promise<void> {
    const wanted = new Map((await this.roster.enabled()).map((channel) => [channel.id, channel]));
    const gone = [...this.kept].filter(
      ([id, { channel }]) => wanted.get(id)?.connectionKey !== channel.connectionKey,
    );
    await Promise.all(gone.map(([id]) => this.close(id)));
    if (this.stopping.signal.aborted) return;
    for (const channel of wanted.values()) {
      const kept = this.kept.get(channel.id);
      if (kept) kept.channel = channel;
      else this.open(channel);
    }
    await this.board.keepOnly([...this.kept.keys()]);
  }

  private open(channel: RosterChannel): void {
    const kept: Kept = { channel, stream: this.streamOf(channel, () => kept.channel) };
    this.kept.set(channel.id, kept);
    kept.stream.start();
  }

  private streamOf(channel: RosterChannel, current: () => RosterChannel): ChannelStream {
    return new ChannelStream({
      apiUrl: this.config.DINGTALK_API_URL,
      clientId: channel.clientId,
      clientSecret: channel.clientSecret,
      pingMs: this.config.GATEWAY_PING_MS,
      handle: (frame) => this.intake.take(current(), frame),
      onReport: (report) => {
        this.logger.info('connection changed', {
          channelId: channel.id,
          code: report.code,
          state: report.state,
        });
        this.board.post(channel, report);
      },
      onFault: (error) => this.logger.warn('frame not handled', { channelId: channel.id, error }),
    });
  }

  private async close(id: string): Promise<void> {
    const kept = this.kept.get(id);
    this.kept.delete(id);
    await kept?.stream.stop();
    this.board.remove(id);
  }
}
