import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';
import type { Tx } from '@common/persistence';

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
    const step = turn.state === 'queued' ? 'cancelled' : 'cancel_requested';
    if (turn.state === 'queued') await endQueued(tx, tenantId, turn.id);
    else await tx.query(ASK_TO_STOP, [tenantId, turn.id]);
    await tx.query(
      `INSERT INTO turn_step (tenant_id, turn_id, step, detail) VALUES ($1, $2, $3, '{"by":"admin"}')`,
      [tenantId, turn.id, step],
    );
  }
}

/** Nobody has begun with it, so nothing of it is to be seen either. */
async function endQueued(tx: Tx, tenantId: string, turnId: string): Promise<void> {
  await tx.query(
    `UPDATE turn SET state = 'cancelled', outcome = 'cancelled', cancel_requested_at = now(), ended_at = now()
      WHERE tenant_id = $1 AND id = $2 AND state = 'queued'`,
    [tenantId, turnId],
  );
  await tx.query(
    `UPDATE delivery SET state = 'undelivered', error_code = 'cancelled',
        error_message = 'cancelled before it was asked', ended_at = now()
      WHERE tenant_id = $1 AND turn_id = $2 AND state = 'open'`,
    [tenantId, turnId],
  );
}

const ASK_TO_STOP = `UPDATE turn SET cancel_requested_at = now()
  WHERE tenant_id = $1 AND id = $2 AND state IN ('active', 'waiting')`;
