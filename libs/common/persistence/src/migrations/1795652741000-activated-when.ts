import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A transaction may begin, wait for the thread's lock, and only then activate: the time of its beginning would lie before
 * the end of the turn that it waited for.
 */
export class ActivatedWhen1795652741000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(activateNextTurn);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const activateNextTurn = `
CREATE OR REPLACE FUNCTION activate_next_turn(p_tenant uuid, p_thread uuid)
RETURNS TABLE (turn_id uuid, turn_wake integer, delivery_id uuid, delivery_wake integer)
LANGUAGE plpgsql AS $$
DECLARE
  v_turn uuid;
BEGIN
  IF EXISTS (SELECT 1 FROM turn t WHERE t.thread_id = p_thread AND t.state IN ('active', 'waiting', 'generated')) THEN
    RETURN;
  END IF;
  SELECT t.id INTO v_turn FROM turn t
    WHERE t.tenant_id = p_tenant AND t.thread_id = p_thread AND t.state = 'queued' ORDER BY t.seq LIMIT 1;
  IF v_turn IS NULL THEN
    RETURN;
  END IF;
  UPDATE turn t SET state = 'active', activated_at = clock_timestamp(), woken_at = now() WHERE t.id = v_turn;
  INSERT INTO turn_step (tenant_id, turn_id, step) VALUES (p_tenant, v_turn, 'activated');
  RETURN QUERY
    UPDATE delivery d SET woken_at = now() FROM turn t
      WHERE d.turn_id = v_turn AND d.state = 'open' AND t.id = v_turn
      RETURNING t.id, t.wake, d.id, d.wake;
END $$;
`;
