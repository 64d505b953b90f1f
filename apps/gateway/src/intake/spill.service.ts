import { Injectable } from '@nestjs/common';

import { Metrics } from '@common/bootstrap';
import { Clock, codeOf, Deadlines } from '@common/kernel';
import { Logger } from '@common/logging';

import { GatewayConfig } from '../gateway.config';
import type { ChannelEntry } from './journal.repository';
import { SpillStore } from './spill.store';

/** What Redis has for one event. With the journal's 800 ms this keeps every acknowledgement below 1.5 s. */
const TAKE_MS = 500;

/**
 * Takes events into Redis alone while Postgres is away (P1), if Redis keeps an append-only file. While anything waits
 * there, whatever comes queues up behind it, so that the order of a thread survives (P3).
 */
@Injectable()
export class Spill {
  private waiting = 0;
  /** Events on their way into Redis, and those that arrived there since we began. */
  private underWay = 0;
  private arrived = 0;
  private isDurable = false;
  private readonly patience: Deadlines;
  private readonly depth;

  constructor(
    private readonly store: SpillStore,
    private readonly config: GatewayConfig,
    clock: Clock,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.patience = new Deadlines(clock, TAKE_MS);
    this.depth = metrics.gauge('gateway_spill_events', 'Events that wait in Redis for Postgres');
  }

  get isInUse(): boolean {
    return this.waiting > 0 || this.underWay > 0;
  }

  /** @returns whether Redis has it for certain. Never rejects. */
  async take(row: ChannelEntry): Promise<boolean> {
    if (!this.isDurable || this.waiting + this.underWay >= this.config.GATEWAY_SPILL_MAX)
      return false;
    return (await this.patience.within(this.append(row))) ?? false;
  }

  /** Looks how much waits, of all gateways, and whether Redis may be trusted. @throws when Redis is away */
  async look(): Promise<void> {
    const before = this.arrived;
    const { waiting, isDurable } = await this.store.look();
    if (isDurable !== this.isDurable)
      this.logger.info('spill durability changed', { isDurable, waiting });
    this.isDurable = isDurable;
    this.count(waiting + this.arrivedSince(before));
  }

  private async append(row: ChannelEntry): Promise<boolean> {
    this.underWay += 1;
    try {
      const isSafe = await this.store.append(row);
      this.arrived += 1;
      this.count(this.waiting + 1);
      return isSafe;
    } catch (error) {
      const { channelId, entry } = row;
      this.logger.debug('event not spilled', { eventId: entry.id, channelId, code: codeOf(error) });
      return false;
    } finally {
      this.underWay -= 1;
    }
  }

  /** Rather counted twice than missed: the next look puts it right. */
  private arrivedSince(before: number): number {
    return this.arrived - before;
  }

  private count(waiting: number): void {
    this.waiting = waiting;
    this.depth.set(waiting);
  }
}
