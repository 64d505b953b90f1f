import { Injectable } from '@nestjs/common';

import { Clock, codeOf, Deadlines } from '@common/kernel';
import { isPassingFailure } from '@common/persistence';

import { GatewayConfig } from '../gateway.config';
import type { ChannelEntry, Journaled } from './journal.repository';
import { Journal, JournalFullError, JournalLateError } from './journal.service';
import { Spill } from './spill.service';

/** Where an event is now: in its row (null: quarantined), in Redis, or nowhere for certain. */
export type Kept =
  | { readonly at: 'row'; readonly journaled: Journaled | null }
  | { readonly at: 'spill' }
  | { readonly at: 'nowhere'; readonly code: string };

/** Makes an event durable: either store suffices (P1). Says so within 1.3 s, whichever of them hangs. */
@Injectable()
export class EventKeeper {
  private readonly patience: Deadlines;

  constructor(
    config: GatewayConfig,
    private readonly journal: Journal,
    private readonly spill: Spill,
    clock: Clock,
  ) {
    this.patience = new Deadlines(clock, config.GATEWAY_JOURNAL_TIMEOUT_MS);
  }

  /** Never rejects. */
  async keep(row: ChannelEntry): Promise<Kept> {
    // Behind those that wait there already, so that none of its thread is overtaken (P3).
    const wasInUse = this.spill.isInUse;
    if (wasInUse && (await this.spill.take(row))) return { at: 'spill' };
    try {
      return { at: 'row', journaled: await this.journal.write(row, this.patience) };
    } catch (error) {
      if (!wasInUse && mayPass(error) && (await this.spill.take(row))) return { at: 'spill' };
      return { at: 'nowhere', code: codeOf(error) };
    }
  }
}

/** Whether the row can be written later; one that Postgres will never take has no business in Redis. */
const mayPass = (error: unknown): boolean =>
  error instanceof JournalLateError || error instanceof JournalFullError || isPassingFailure(error);
