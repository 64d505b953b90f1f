import type { Tx } from './database';

/** Who wanted it; noted in the turn's timeline. */
export type StoppedBy = 'admin' | 'command' | 'card' | 'recall' | 'steer' | 'channel';

/**
 * Ends a turn that nobody has begun with: nothing of it is to be seen. The caller holds the thread's row lock.
 * @returns false when it was begun or ended before
 */
export async function endQueuedTurn(
  tx: Tx,
  tenantId: string,
  turnId: string,
  by: StoppedBy,
): Promise<boolean> {
  const [row] = await tx.query<{ ended: boolean }>('SELECT end_queued_turn($1, $2, $3) AS ended', [
    tenantId,
    turnId,
    by,
  ]);
  return row?.ended ?? false;
}

/**
 * Asks for the end of a turn that is under way. The column is what counts; announce `turn.cancel` after the commit.
 * @returns false when it is not under way, or was asked before
 */
export async function askTurnToStop(
  tx: Tx,
  tenantId: string,
  turnId: string,
  by: StoppedBy,
): Promise<boolean> {
  const rows = await tx.query({ name: 'turn.ask-to-stop', text: ASK_TO_STOP }, [
    tenantId,
    turnId,
    by,
  ]);
  return rows.length === 1;
}

const ASK_TO_STOP = `
WITH asked AS (
  UPDATE turn SET cancel_requested_at = now()
   WHERE tenant_id = $1 AND id = $2 AND state IN ('active', 'waiting') AND cancel_requested_at IS NULL
  RETURNING tenant_id, id
)
INSERT INTO turn_step (tenant_id, turn_id, step, detail)
SELECT tenant_id, id, 'cancel_requested', jsonb_build_object('by', $3::text) FROM asked
RETURNING turn_id`;
