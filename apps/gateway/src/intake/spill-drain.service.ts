import { Injectable } from '@nestjs/common';

import { Clock, codeOf, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';
import { isPassingFailure } from '@common/persistence';

import { InboundWake } from './inbound-wake.service';
import { JournalWriter, type Written } from './journal-writer.service';
import type { ChannelEntry } from './journal.repository';
import { Journal } from './journal.service';
import { Spill } from './spill.service';
import { type SpilledEvent, SpillStore } from './spill.store';

const EVERY_MS = 250;
const BATCH = 200;
/** How long an event that this gateway cannot read is left for others. */
const PATIENCE_MS = 600_000;

interface Opened {
  readonly event: SpilledEvent;
  readonly row: ChannelEntry;
}

/**
 * Moves events that Redis took into the journal as soon as Postgres is back, oldest first. Any number of gateways may do
 * it at once, and do it again after a crash: rows have derived ids, and an event leaves Redis after its row is there.
 */
@Injectable()
export class SpillDrain {
  private readonly rounds: Periodic;

  constructor(
    private readonly spill: Spill,
    private readonly store: SpillStore,
    private readonly writer: JournalWriter,
    private readonly journal: Journal,
    private readonly wake: InboundWake,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    const onError = (error: unknown): void =>
      logger.debug('spill not drained', { code: codeOf(error) });
    this.rounds = new Periodic(() => this.round(), { everyMs: EVERY_MS, clock, onError });
  }

  /** Resolves when it is known whether Redis may take events, or that it is away. */
  async start(): Promise<void> {
    await this.spill
      .look()
      .catch((error: unknown) => this.logger.debug('spill not known', { code: codeOf(error) }));
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** @throws the failure of the store that is away; the next round goes on from there */
  async round(): Promise<void> {
    await this.spill.look();
    if (!this.spill.isInUse) return;
    let after: string | null = null;
    for (;;) {
      const events: SpilledEvent[] = await this.store.oldest(BATCH, after);
      if (events.length === 0) break;
      await this.move(events);
      after = events.at(-1)?.place ?? null;
    }
    await this.spill.look();
  }

  private async move(events: readonly SpilledEvent[]): Promise<void> {
    const opened: Opened[] = [];
    for (const event of events) {
      const row = await this.open(event);
      if (row) opened.push({ event, row });
    }
    if (opened.length === 0) return;
    const results = await this.writer.write(opened.map(({ row }) => row));
    await Promise.all(opened.map(({ row }, n) => this.follow(row, results[n])));
    await this.leave(opened, results);
    this.logger.info('spill drained', { moved: opened.length });
  }

  private async open(event: SpilledEvent): Promise<ChannelEntry | null> {
    try {
      return this.store.open(event);
    } catch (error) {
      // Another gateway may have the key, while keys are rotated.
      if (this.clock.now() - bornAtMs(event) < PATIENCE_MS) return null;
      this.logger.error('spilled event not readable', { code: codeOf(error) });
      await this.store.setAside(event);
      return null;
    }
  }

  private async follow(row: ChannelEntry, result: Written | undefined): Promise<void> {
    if (result?.status !== 'fulfilled' || result.value === null) return;
    await this.wake.wake(row, result.value);
    if (row.entry.quotaNotice) await this.journal.noteQuota(row, row.entry.quotaNotice.code);
  }

  /** @throws when Postgres is away: what it did not take stays */
  private async leave(opened: readonly Opened[], results: readonly Written[]): Promise<void> {
    const isIn = (n: number): boolean => results[n]?.status === 'fulfilled';
    await this.store.remove(opened.filter((_, n) => isIn(n)).map(({ event }) => event));
    for (const [n, { event, row }] of opened.entries()) {
      const result = results[n];
      if (result?.status !== 'rejected') continue;
      const error: unknown = result.reason;
      if (isPassingFailure(error)) throw error;
      const fields = { eventId: row.entry.id, channelId: row.channelId, error };
      this.logger.error('spilled event not writable', fields);
      await this.store.setAside(event);
    }
  }
}

const bornAtMs = ({ place }: SpilledEvent): number => Number(place.split('-')[0]);
