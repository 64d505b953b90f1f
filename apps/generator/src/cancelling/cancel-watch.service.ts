import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

import { TurnRepository } from '../generation/turn.repository';
import { TurnsInHand } from './turns-in-hand';

const LOOK_EVERY_MS = 1_000;
const STRAYS_EVERY_MS = 15_000;

/**
 * Finds out by itself that a running turn was cancelled or lost to another process: one query a second while any runs.
 * Every 15 s it also gives back turns that are ours by their row but that nothing here works on.
 */
@Injectable()
export class CancelWatch {
  private readonly looks: Periodic;
  private readonly strays: Periodic;

  constructor(
    private readonly database: Database,
    private readonly turns: TurnRepository,
    private readonly inHand: TurnsInHand,
    private readonly incarnation: Incarnation,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    const onError = (error: unknown): void => logger.debug('cancel watch failed', { error });
    this.looks = new Periodic(() => this.look(), { everyMs: LOOK_EVERY_MS, clock, onError });
    this.strays = new Periodic(() => this.giveBackStrays(), {
      everyMs: STRAYS_EVERY_MS,
      clock,
      onError,
    });
  }

  start(): void {
    this.looks.start();
    this.strays.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.looks.stop(), this.strays.stop()]);
  }

  /** One look at the turns that were claimed before it began. */
  async look(): Promise<void> {
    const ids = this.inHand.claimedIds;
    if (ids.length === 0) return;
    const rows = await this.database.acrossTenantsOnce<{
      id: string;
      cancelled: boolean;
      mine: boolean;
    }>('reconcile', { name: 'turn.watch', text: WATCH }, [ids, this.incarnation.id]);
    for (const { id, cancelled, mine } of rows) {
      if (cancelled) this.inHand.interrupt(id, 'cancelled');
      else if (!mine) this.inHand.interrupt(id, 'lost');
    }
  }

  private async giveBackStrays(): Promise<void> {
    const ids = await this.turns.releaseStrays(this.inHand.ids);
    if (ids.length > 0) this.logger.error('turns in nobody’s hands given back', { turnIds: ids });
  }
}

const WATCH = `
SELECT id, cancel_requested_at IS NOT NULL AS cancelled, owner = $2 AND state = 'active' AS mine
  FROM turn WHERE id = ANY($1) AND (cancel_requested_at IS NOT NULL OR owner IS DISTINCT FROM $2 OR state <> 'active')`;
