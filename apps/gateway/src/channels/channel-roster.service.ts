import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';

import { Rounds } from '../rounds';
import { ChannelRosterRepository, type RosterChannel } from './channel-roster.repository';

const RECONCILE_MS = 15_000;

/** The channels that should be connected, as last read: every 15 s, and at once on news. */
@Injectable()
export class ChannelRoster {
  /** Undefined until it was read once. */
  private list: ReadonlyMap<string, RosterChannel> | undefined;
  private onRead: () => void = () => undefined;
  private readonly rounds: Rounds;

  constructor(
    private readonly rows: ChannelRosterRepository,
    clock: Clock,
    logger: Logger,
  ) {
    this.rounds = new Rounds(() => this.read(), {
      clock,
      pauseMs: () => RECONCILE_MS,
      // Static stability (P11): the list stays what it was.
      onError: (error) => logger.warn('channel list not read', { error }),
    });
  }

  get channels(): ReadonlyMap<string, RosterChannel> | undefined {
    return this.list;
  }

  start(onRead: () => void): void {
    this.onRead = onRead;
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  readSoon(): void {
    this.rounds.soon();
  }

  private async read(): Promise<void> {
    const enabled = await this.rows.enabled(this.list);
    this.list = new Map(enabled.map((channel) => [channel.id, channel]));
    this.onRead();
  }
}
