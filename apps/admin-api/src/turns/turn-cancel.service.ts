import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';
import { askTurnToStop, endQueuedTurn, type Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, NotFoundError } from '../http/api.errors';
import { viewOfTurn } from './turn-view';
import type { TurnView } from './turns.dto';
import { type TurnRow, TurnsRepository } from './turns.repository';

/** Stops a turn: a running one is asked to, a queued one never starts. The column comes first, the news second. */
@Injectable()
export class TurnCancel {
  constructor(
    private readonly turns: TurnsRepository,
    private readonly changes: ChangeLog,
    private readonly announcer: Announcer,
  ) {}

  async cancel(caller: Caller, id: string): Promise<TurnView> {
    const { tenantId } = caller;
    const result = await this.changes.write(caller, { action: 'turn.cancel' }, async (tx) => {
      const turn = await this.turns.lock(tx, tenantId, id);
      if (!turn) throw new NotFoundError('turn');
      await this.stop(tx, tenantId, turn);
      const after = viewOfTurn((await this.turns.find(tenantId, id, tx)) ?? turn);
      return { result: after, resourceId: id, before: viewOfTurn(turn), after };
    });
    await this.announcer.announce('turn.cancel', { turnId: id });
    return result;
  }

  private async stop(tx: Tx, tenantId: string, turn: TurnRow): Promise<void> {
    if (turn.state === 'cancelled' || turn.cancel_requested_at !== null) return;
    if (turn.ended_at !== null || turn.state === 'generated')
      throw new ConflictError('turn_already_ended', 'The turn has its answer already.');
    if (turn.state === 'queued') await endQueuedTurn(tx, tenantId, turn.id, 'admin');
    else await askTurnToStop(tx, tenantId, turn.id, 'admin');
  }
}
