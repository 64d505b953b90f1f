import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A claim locks its turn against other claims, not against rows that refer to it: states of cards write checkpoints of turns
 * in an order of their own, and the two locked each other out until Postgres undid one, a second later.
 */
export class ClaimsBesideSteps1795660218000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(weakerLock);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const weakerLock = `
DO $$
DECLARE
  v_old constant text := pg_get_functiondef('claim_turn'::regproc);
  v_new constant text := replace(v_old, 'FOR UPDATE OF r', 'FOR NO KEY UPDATE OF r');
BEGIN
  IF v_new = v_old THEN
    RAISE EXCEPTION 'claim_turn locks no turn';
  END IF;
  EXECUTE v_new;
END $$`;
