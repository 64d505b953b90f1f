import { Injectable } from '@nestjs/common';

import { Metrics } from '@common/bootstrap';
import { AppError } from '@common/kernel';
import { Logger } from '@common/logging';
import { isDatabaseAway, sqlStateOf } from '@common/persistence';

import { GatewayConfig } from '../gateway.config';
import { type ChannelEntry, Journaled, JournalRepository } from './journal.repository';

/** Two batches under way: while Postgres works on them the next one grows. When it is quiet a batch is one row. */
const MAX_IN_FLIGHT = 2;
const MAX_BATCH = 200;

interface Waiting {
  readonly row: ChannelEntry;
  readonly resolve: (journaled: Journaled | null) => void;
  readonly reject: (error: unknown) => void;
}

/** The journal has more to write than it may hold; the frame is left unacknowledged and comes again. */
export class JournalFullError extends AppError {
  readonly code = 'journal_full';
  readonly retry = 'backoff';

  constructor(pending: number) {
    super('too many frames wait for the database', { details: { pending } });
  }
}

/**
 * Writes events before they are acknowledged (P1), in micro-batches without a timer. A failed batch is repeated row by
 * row, so that a poisonous row is quarantined alone.
 */
@Injectable()
export class Journal {
  private readonly queue: Waiting[] = [];
  /** Threads with a row in a batch that is under way. */
  private readonly busyThreads = new Set<string>();
  private inFlight = 0;
  private pending = 0;
  private readonly seconds;

  constructor(
    private readonly rows: JournalRepository,
    private readonly config: GatewayConfig,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.seconds = metrics.histogram(
      'gateway_journal_seconds',
      'From the frame to its row in Postgres',
    );
  }

  /** Resolves when the event is durable; null when it was quarantined. @throws JournalFullError or the store's error */
  write(row: ChannelEntry): Promise<Journaled | null> {
    if (this.pending >= this.config.GATEWAY_MAX_PENDING)
      return Promise.reject(new JournalFullError(this.pending));
    this.pending += 1;
    const done = this.seconds.startTimer();
    return new Promise<Journaled | null>((resolve, reject) => {
      this.queue.push({ row, resolve, reject });
      this.flush();
    }).finally(() => {
      this.pending -= 1;
      done();
    });
  }

  /** Tells administrators that the allowance is used up; losing the notice loses no message. */
  async noteQuota(row: ChannelEntry, code: string): Promise<void> {
    try {
      await this.rows.noteQuota(row, code);
    } catch (error) {
      this.logger.warn('quota notice not kept', { channelId: row.channelId, error });
    }
  }

  private flush(): void {
    while (this.inFlight < MAX_IN_FLIGHT) {
      const batch = this.nextBatch();
      if (batch.length === 0) return;
      this.inFlight += 1;
      void this.save(batch).finally(() => {
        for (const thread of threadsOf(batch)) this.busyThreads.delete(thread);
        this.inFlight -= 1;
        this.flush();
      });
    }
  }

  /**
   * The oldest rows, but none whose thread has one under way: of two batches the later may be committed first, and a
   * dispatcher would meet the second message before the first (P3).
   */
  private nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    for (const waiting of this.queue.splice(0)) {
      const { threadId } = waiting.row.entry;
      const isFree = batch.length < MAX_BATCH && !(threadId && this.busyThreads.has(threadId));
      (isFree ? batch : left).push(waiting);
    }
    this.queue.push(...left);
    for (const thread of threadsOf(batch)) this.busyThreads.add(thread);
    return batch;
  }

  private async save(batch: readonly Waiting[]): Promise<void> {
    try {
      const journaled = await this.rows.insert(batch.map(({ row }) => row));
      for (const { row, resolve } of batch) resolve(journaled.get(row.entry.id) ?? null);
    } catch (error) {
      if (isDatabaseAway(error)) for (const { reject } of batch) reject(error);
      else await this.saveOneByOne(batch);
    }
  }

  private async saveOneByOne(batch: readonly Waiting[]): Promise<void> {
    for (const { row, resolve, reject } of batch) {
      try {
        resolve((await this.rows.insert([row])).get(row.entry.id) ?? null);
      } catch (error) {
        if (isDatabaseAway(error)) reject(error);
        else await this.setAside(row, error).then(() => resolve(null), reject);
      }
    }
  }

  private async setAside(row: ChannelEntry, error: unknown): Promise<void> {
    const cause = `sqlstate ${sqlStateOf(error) ?? 'none'}`;
    this.logger.error('event quarantined', {
      eventId: row.entry.id,
      channelId: row.channelId,
      cause,
      error,
    });
    await this.rows.quarantine(row, cause);
  }
}

const threadsOf = (batch: readonly Waiting[]): string[] =>
  batch.flatMap(({ row }) => row.entry.threadId ?? []);
