import { Injectable } from '@nestjs/common';

import { Metrics } from '@common/bootstrap';
import { AppError, type Deadlines } from '@common/kernel';
import { Logger } from '@common/logging';

import { GatewayConfig } from '../gateway.config';
import { JournalWriter } from './journal-writer.service';
import { type ChannelEntry, type Journaled, JournalRepository } from './journal.repository';

/** Two batches under way: while Postgres works on them the next one grows. When it is quiet a batch is one row. */
const MAX_IN_FLIGHT = 2;
const MAX_BATCH = 200;
/** Characters of one statement: a frame has four million at the most, and is sealed on the way. */
const MAX_BATCH_CHARS = 8_000_000;
/** Characters of all frames that wait, whatever their number: some 256 MB. */
const MAX_PENDING_CHARS = 128_000_000;

interface Waiting {
  readonly row: ChannelEntry;
  readonly resolve: (journaled: Journaled | null) => void;
  readonly reject: (error: unknown) => void;
  /** Ends its patience. */
  readonly settled: (() => void) | undefined;
}

/** The journal has more to write than it may hold. */
export class JournalFullError extends AppError {
  readonly code = 'journal_full';
  readonly retry = 'backoff';

  constructor(pending: number) {
    super('too many frames wait for the database', { details: { pending } });
  }
}

/** Nobody waits for this row any more; it may be written all the same. */
export class JournalLateError extends AppError {
  readonly code = 'journal_late';
  readonly retry = 'backoff';

  constructor() {
    super('the database did not take the frame in time');
  }
}

/** Writes events before they are acknowledged (P1), in micro-batches without a timer. */
@Injectable()
export class Journal {
  /** In order of arrival; a set, so that whoever gives up waiting leaves at once. */
  private readonly queue = new Set<Waiting>();
  /** Threads with a row in a batch that is under way. */
  private readonly busyThreads = new Set<string>();
  private inFlight = 0;
  private pending = 0;
  private pendingChars = 0;
  private readonly seconds;

  constructor(
    private readonly writer: JournalWriter,
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

  /**
   * Resolves when the event is durable; null when it was quarantined.
   * @param patience how long somebody waits; then a row that is in no batch yet is dropped
   * @throws JournalFullError, JournalLateError or the store's error
   */
  async write(row: ChannelEntry, patience?: Deadlines): Promise<Journaled | null> {
    if (this.isFull) throw new JournalFullError(this.pending);
    this.pending += 1;
    this.pendingChars += charsOf(row);
    const beganAtMs = performance.now();
    try {
      return await this.waitFor(row, patience);
    } finally {
      this.pending -= 1;
      this.pendingChars -= charsOf(row);
      this.seconds.observe((performance.now() - beganAtMs) / 1_000);
    }
  }

  /** Tells administrators that the allowance is used up; losing the notice loses no message. */
  async noteQuota(row: ChannelEntry, code: string): Promise<void> {
    try {
      await this.rows.noteQuota(row, code);
    } catch (error) {
      this.logger.warn('quota notice not kept', { channelId: row.channelId, error });
    }
  }

  private get isFull(): boolean {
    const isMany = this.pending >= this.config.GATEWAY_MAX_PENDING;
    return isMany || this.pendingChars >= MAX_PENDING_CHARS;
  }

  private waitFor(row: ChannelEntry, patience?: Deadlines): Promise<Journaled | null> {
    return new Promise<Journaled | null>((resolve, reject) => {
      const giveUp = (): void => {
        this.queue.delete(waiting);
        reject(new JournalLateError());
      };
      const waiting = { row, resolve, reject, settled: patience?.begin(giveUp) };
      this.queue.add(waiting);
      this.flush();
    });
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
    let chars = 0;
    for (const waiting of this.queue) {
      if (batch.length === MAX_BATCH || chars >= MAX_BATCH_CHARS) break;
      const { threadId } = waiting.row.entry;
      if (threadId && this.busyThreads.has(threadId)) continue;
      this.queue.delete(waiting);
      batch.push(waiting);
      chars += charsOf(waiting.row);
    }
    for (const thread of threadsOf(batch)) this.busyThreads.add(thread);
    return batch;
  }

  private async save(batch: readonly Waiting[]): Promise<void> {
    const results = await this.writer.write(batch.map(({ row }) => row));
    batch.forEach(({ resolve, reject, settled }, n) => {
      const result = results[n];
      settled?.();
      if (result?.status === 'fulfilled') resolve(result.value);
      else reject(result?.reason);
    });
  }
}

const charsOf = ({ entry }: ChannelEntry): number => entry.raw.length;

const threadsOf = (batch: readonly Waiting[]): string[] =>
  batch.flatMap(({ row }) => row.entry.threadId ?? []);
