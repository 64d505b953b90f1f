import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';

import { ChannelRoster } from '../channels/channel-roster.service';
import { ConnectionKeeper } from '../connections/connection-keeper.service';
import { GatewayConfig } from '../gateway.config';
import { type Decision, decideOwnership, type Held, type View } from './decide-ownership';
import { channelOf, seatsOf } from './lease';
import { LeaseRounds, type Wishes } from './lease-rounds.service';
import { OpeningPace } from './opening-pace';
import { OwnershipMetrics } from './ownership-metrics.service';
import { SingleConnection } from './single-connection.service';

/** Kept of the shutdown deadline for acknowledgements and closing handshakes. */
const CLOSING_MS = 3_000;
const LOOK_MS = 50;

/**
 * Which channels this gateway holds (design §5): look at the leases → open what is ours → claim what is connected → close
 * what others serve. All is decided anew from what is known each time, so once more or once less does no harm.
 */
@Injectable()
export class ChannelSpread {
  /** Of the last lease that each connection was given. */
  private readonly tokens = new Map<string, number>();
  private readonly pace: OpeningPace;
  private isStarted = false;

  constructor(
    private readonly roster: ChannelRoster,
    private readonly keeper: ConnectionKeeper,
    private readonly leases: LeaseRounds,
    private readonly single: SingleConnection,
    private readonly metrics: OwnershipMetrics,
    private readonly config: GatewayConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.pace = new OpeningPace(clock);
  }

  start(): void {
    this.isStarted = true;
    this.keeper.start(
      (channelId) => this.changed(channelId),
      () => this.beforeOpening(),
    );
    this.roster.start(() => this.arrange());
    this.leases.start(
      () => this.wishes(),
      () => this.arrange(),
    );
  }

  /** Others take over first, as long as the deadline allows; then what is left is closed. */
  async leave(): Promise<void> {
    this.leases.prepareToLeave();
    const untilMs = this.clock.now() + this.config.SHUTDOWN_DEADLINE_MS - CLOSING_MS;
    const isWaiting = (): boolean =>
      this.isStarted && this.keeper.channelIds.length > 0 && this.clock.now() < untilMs;
    while (isWaiting() && this.leases.canHandOver) await this.clock.sleep(LOOK_MS);
    await this.roster.stop();
    await this.keeper.stop();
    await this.leases.leave();
  }

  /** Opens the connection anew, if this gateway has it. */
  async restart(channelId: string): Promise<void> {
    if (this.keeper.reportOf(channelId)) await this.keeper.close(channelId);
    this.roster.readSoon();
  }

  private async beforeOpening(): Promise<void> {
    await this.leases.awake();
    await this.clock.sleep(this.pace.jitterMs);
  }

  /** Everything at once: after a look at the leases or at the channel list. */
  private arrange(): void {
    const { channels } = this.roster;
    const { view } = this.leases;
    if (!channels || !view) return;
    this.learnTokens(view);
    for (const channel of channels.values()) {
      this.keeper.renew(channel);
      this.single.compare(channel, view);
    }
    for (const id of this.channelIds(view)) this.settle(id, view);
  }

  private changed(id: string): void {
    const { view } = this.leases;
    if (!view) return;
    const report = this.keeper.reportOf(id);
    this.single.noteState(id, report, view);
    if (report?.state !== 'connecting') this.pace.over(id);
    for (const next of [id, ...this.pace.takeNext()]) this.settle(next, view);
  }

  private settle(id: string, view: View): void {
    const { open, close, claim, releases = [] } = this.decide(id, view);
    const channel = this.roster.channels?.get(id);
    if (close) this.giveUp(id, close);
    if (open && channel && this.pace.admit(id)) this.keeper.open(channel);
    if (claim || close || releases.length > 0) this.leases.soon();
  }

  private giveUp(id: string, reason: NonNullable<Decision['close']>): void {
    this.logger.info('channel given up', { channelId: id, code: reason });
    this.metrics.changed(reason);
    this.tokens.delete(id);
    // It tells when it is gone, and never rejects.
    void this.keeper.close(id, { isDeaf: reason === 'unwanted' });
  }

  private wishes(): Wishes {
    const { view } = this.leases;
    if (!view) return { claims: [], releases: [] };
    const decisions = this.channelIds(view).map((id) => this.decide(id, view));
    return {
      claims: decisions.flatMap(({ claim }) => claim ?? []),
      releases: decisions.flatMap(({ releases }) => releases ?? []),
    };
  }

  private decide(id: string, view: View): Decision {
    const { channels } = this.roster;
    if (!channels) return {};
    const connections = channels.get(id)?.connections ?? 0;
    return decideOwnership(view, { id, connections }, this.heldOf(id));
  }

  private heldOf(id: string): Held | undefined {
    const report = this.keeper.reportOf(id);
    return (
      report && {
        isConnected: report.state === 'connected',
        connectedAtMs: report.connectedAtMs,
        token: this.tokens.get(id) ?? null,
      }
    );
  }

  /** Channels of the list, those that still have a connection, and those whose lease still is ours. */
  private channelIds({ me, leases }: View): string[] {
    const mine = [...leases].flatMap(([seat, { holder }]) =>
      holder === me ? [channelOf(seat)] : [],
    );
    const listed = this.roster.channels?.keys() ?? [];
    return [...new Set([...listed, ...this.keeper.channelIds, ...mine])];
  }

  private learnTokens({ me, leases }: View): void {
    for (const id of this.keeper.channelIds) {
      const mine = seatsOf(id).find((seat) => leases.get(seat)?.holder === me);
      const token = mine === undefined ? undefined : leases.get(mine)?.token;
      if (token !== undefined) this.tokens.set(id, token);
    }
  }
}
