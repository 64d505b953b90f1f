import { Injectable } from '@nestjs/common';

import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';

import { AckTimesRepository } from './ack-times.repository';

const WRITE_EVERY_MS = 2_000;
/** Kept at once; a burst loses times, never memory. */
const MOST = 10_000;

/**
 * Remembers when events were acknowledged and writes it down every two seconds, in one statement for all of them: so that
 * no acknowledgement waits for it. For timelines only; while Postgres is away the times are lost.
 */
@Injectable()
export class AckTimes {
  private readonly rounds: Periodic;
  private unwritten = new Map<string, number>();

  constructor(
    private readonly rows: AckTimesRepository,
    clock: Clock,
    logger: Logger,
  ) {
    this.rounds = new Periodic(() => this.write(), {
      everyMs: WRITE_EVERY_MS,
      clock,
      onError: (error) => logger.debug('times of acknowledgement lost', { error }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** The first acknowledgement counts. @param atMs by our clock */
  note(eventId: string, atMs: number): void {
    if (this.unwritten.size < MOST && !this.unwritten.has(eventId))
      this.unwritten.set(eventId, atMs);
  }

  private async write(): Promise<void> {
    if (this.unwritten.size === 0) return;
    const batch = this.unwritten;
    this.unwritten = new Map();
    await this.rows.write(batch);
  }
}
