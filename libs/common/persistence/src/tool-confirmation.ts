import type { Tx } from './database';
import type { Work } from './work';

/**
 * Somebody agreed to what a waiting turn asked, or did not: it goes on. The caller holds the thread's row lock.
 * @returns null when nothing was asked (any more)
 */
export async function decideToolCall(
  tx: Tx,
  tenantId: string,
  turnId: string,
  agrees: boolean,
): Promise<Work | null> {
  const [row] = await tx.query<{ id: string; wake: number }>(
    { name: 'tool.decide', text: DECIDE },
    [tenantId, turnId, agrees ? 'confirmed' : 'declined'],
  );
  return row ? { turn: row } : null;
}

const DECIDE = `
WITH decided AS (
  UPDATE tool_call SET state = $3 WHERE tenant_id = $1 AND turn_id = $2 AND state = 'asked' AND expires_at > now()
  RETURNING turn_id
), step AS (
  INSERT INTO turn_step (tenant_id, turn_id, step, detail)
  SELECT $1, turn_id, 'tool_decided', jsonb_build_object('decision', $3::text) FROM decided
)
UPDATE turn SET state = 'active', wake = wake + 1, woken_at = now()
 WHERE tenant_id = $1 AND id = $2 AND state = 'waiting' AND EXISTS (SELECT 1 FROM decided)
RETURNING id, wake`;
