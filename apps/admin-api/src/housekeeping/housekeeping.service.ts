import { Injectable } from '@nestjs/common';

import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';

import { AuditRetention } from '../audit/audit-retention.service';
import { Retention } from '../privacy/retention.service';

const EVERY_MS = 15_000;

/** What grows old is let go, in every replica: two that do the same do it once, for each step is guarded by its rows. */
@Injectable()
export class Housekeeping {
  private readonly rounds: Periodic;

  constructor(
    private readonly audit: AuditRetention,
    private readonly retention: Retention,
    private readonly logger: Logger,
    clock: Clock,
  ) {
    const onError = (error: unknown) => logger.warn('housekeeping failed', { error });
    this.rounds = new Periodic((signal) => this.round(signal), {
      everyMs: EVERY_MS,
      clock,
      onError,
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async round(signal: AbortSignal): Promise<void> {
    await this.retention.run(signal);
    await this.audit.run(signal);
    this.logger.debug('housekeeping done');
  }
}
