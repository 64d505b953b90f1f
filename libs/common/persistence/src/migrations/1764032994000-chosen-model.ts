import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The model that a person chose is the one whose permits a turn takes, and to which its attempt is put down. */
export class ChosenModel1764032994000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CLAIM_TURN);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const CLAIM_TURN = `
-- Makes a turn the caller's for one attempt. Verdicts: 'claimed'; 'waiting' (no permit: its place is kept). No row: it ended,
-- waits already, or somebody living has it. Turns that will ask no agent need no permit.
CREATE OR REPLACE FUNCTION claim_turn(p_tenant uuid, p_turn uuid, p_owner uuid, p_take_over boolean)
RETURNS TABLE (verdict text, claimed_attempt integer, lost integer, cancelled boolean)
LANGUAGE plpgsql AS $$
DECLARE
  t record;
  v_since timestamptz;
  v_pool text;
  v_lost integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('permits:' || p_tenant, 0));
  SELECT r.*, c.enabled AND c.deleted_at IS NULL AND v.id IS NOT NULL AS asks,
         COALESCE(r.model_id, v.model_id, c.default_model_id, v.agent_id) AS pool_of
    INTO t
    FROM turn r JOIN channel c ON c.id = r.channel_id LEFT JOIN agent_version v ON v.id = r.agent_version_id
    WHERE r.tenant_id = p_tenant AND r.id = p_turn AND r.state = 'active'
      AND (r.owner IS NULL OR r.owner = p_owner OR (p_take_over AND NOT EXISTS (
            SELECT 1 FROM incarnation i WHERE i.id = r.owner AND i.seen_at > now() - interval '6 seconds')))
    FOR UPDATE OF r;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  v_lost := t.lost_attempts + CASE WHEN t.owner IS NULL OR t.owner = p_owner THEN 0 ELSE 1 END;
  PERFORM end_attempt(p_tenant, p_turn, a.attempt, 'lost', NULL, NULL, NULL)
    FROM turn_attempt a WHERE a.turn_id = p_turn AND a.state = 'running';
  v_since := COALESCE(t.permit_since, t.activated_at, now());
  IF t.cancel_requested_at IS NULL AND t.asks
     AND NOT (t.permit_held AND (t.owner = p_owner OR t.permit_granted_at > now() - interval '10 seconds')) THEN
    v_pool := permit_missing(p_tenant, p_turn, t.channel_id, t.pool_of, v_since);
  END IF;
  IF v_pool IS NOT NULL THEN
    UPDATE turn SET owner = NULL, lost_attempts = v_lost, permit_of = t.pool_of, permit_since = v_since, permit_pool = v_pool,
           permit_held = false, permit_granted_at = NULL
      WHERE id = p_turn;
    IF t.permit_pool IS NULL THEN
      INSERT INTO turn_step (tenant_id, turn_id, step, detail)
        VALUES (p_tenant, p_turn, 'waiting_for_permit', jsonb_build_object('pool', split_part(v_pool, ':', 1)));
    END IF;
    RETURN QUERY SELECT 'waiting', t.attempt, v_lost, false;
    RETURN;
  END IF;
  UPDATE turn SET owner = p_owner, claimed_at = now(), attempt = t.attempt + 1, lost_attempts = v_lost, permit_of = t.pool_of,
         permit_since = v_since, permit_pool = NULL, permit_held = true, permit_granted_at = NULL
    WHERE id = p_turn;
  INSERT INTO turn_attempt (tenant_id, turn_id, attempt, channel_id, member_id, model_id)
    VALUES (p_tenant, p_turn, t.attempt + 1, t.channel_id, t.member_id, (SELECT m.id FROM model m WHERE m.id = t.pool_of));
  INSERT INTO turn_step (tenant_id, turn_id, step, detail)
    VALUES (p_tenant, p_turn, 'generation_started', jsonb_build_object('attempt', t.attempt + 1));
  RETURN QUERY SELECT 'claimed', t.attempt + 1, v_lost, t.cancel_requested_at IS NOT NULL;
END $$;
`;
