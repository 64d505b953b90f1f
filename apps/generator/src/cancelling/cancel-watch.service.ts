import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

import { TurnsInHand } from './turns-in-hand';

const LOOK_EVERY_MS = 1_000;

/** Finds out by itself that a running turn was cancelled or lost to another process: one query a second while any runs. */
@Injectable()
export class CancelWatch {
  private readonly stopping = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly inHand: TurnsInHand,
    private readonly incarnation: Incarnation,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(): void {
    void this.loop();
  }

  stop(): void {
    this.stopping.abort();
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.clock.sleep(LOOK_EVERY_MS, this.stopping.signal);
      const { ids } = this.inHand;
      if (ids.length === 0) continue;
      try {
        await this.look(ids);
      } catch (error) {
        this.logger.debug('cancel watch failed', { error });
      }
    }
  }

  private async look(ids: readonly string[]): Promise<void> {
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
}

const WATCH = `
SELECT id, cancel_requested_at IS NOT NULL AS cancelled, owner = $2 AND state = 'active' AS mine
  FROM turn WHERE id = ANY($1) AND (cancel_requested_at IS NOT NULL OR owner IS DISTINCT FROM $2 OR state <> 'active')`;
