/**
 * The two state changes that need several statements under the thread's lock, each one round trip. A single large
 * statement would keep the snapshot from before the lock and strand turns, hence PL/pgSQL.
 */
export const turnFunctions = `
-- Activates the thread's first queued turn unless one is open. The caller holds the thread's row lock.
CREATE FUNCTION activate_next_turn(p_tenant uuid, p_thread uuid)
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
  UPDATE turn t SET state = 'active', activated_at = now(), woken_at = now() WHERE t.id = v_turn;
  INSERT INTO turn_step (tenant_id, turn_id, step) VALUES (p_tenant, v_turn, 'activated');
  RETURN QUERY
    UPDATE delivery d SET woken_at = now() FROM turn t
      WHERE d.turn_id = v_turn AND d.state = 'open' AND t.id = v_turn
      RETURNING t.id, t.wake, d.id, d.wake;
END $$;

-- Ends a delivery and, when it is a turn's, the turn with the state that matches its outcome; then activates the
-- thread's next turn. Guarded by the delivery's owner and attempt: a second run or a late process changes nothing.
CREATE FUNCTION end_delivery(
  p_tenant uuid, p_delivery uuid, p_owner uuid, p_attempt integer,
  p_state text, p_way text, p_card_state text, p_error_code text, p_error_message text
) RETURNS TABLE (ended boolean, turn_id uuid, turn_wake integer, delivery_id uuid, delivery_wake integer)
LANGUAGE plpgsql AS $$
DECLARE
  v_turn uuid;
  v_thread uuid;
BEGIN
  SELECT d.turn_id, t.thread_id INTO v_turn, v_thread
    FROM delivery d LEFT JOIN turn t ON t.id = d.turn_id
    WHERE d.tenant_id = p_tenant AND d.id = p_delivery;
  IF v_thread IS NOT NULL THEN
    PERFORM 1 FROM thread th WHERE th.id = v_thread FOR UPDATE;
  END IF;
  UPDATE delivery d
    SET state = p_state, way = p_way,
        -- Whatever card an undelivered answer may have left open is the reaper's.
        card_state = CASE WHEN p_state = 'undelivered' AND d.card_state IN ('creating', 'open', 'finalising') THEN 'debt'
                          ELSE COALESCE(p_card_state, d.card_state) END,
        error_code = p_error_code, error_message = p_error_message, ended_at = now()
    WHERE d.tenant_id = p_tenant AND d.id = p_delivery AND d.state = 'open'
      AND d.owner = p_owner AND d.attempt = p_attempt;
  IF NOT FOUND THEN
    RETURN QUERY SELECT false, NULL::uuid, NULL::integer, NULL::uuid, NULL::integer;
    RETURN;
  END IF;
  IF v_turn IS NULL THEN
    RETURN QUERY SELECT true, NULL::uuid, NULL::integer, NULL::uuid, NULL::integer;
    RETURN;
  END IF;
  -- An answer that nobody could be shown is a failure of the turn, whatever the agent said.
  UPDATE turn t
    SET state = CASE WHEN t.outcome <> 'answered' THEN t.outcome
                     WHEN p_state = 'delivered' THEN 'delivered' ELSE 'failed' END,
        error_code = CASE WHEN p_state = 'undelivered' THEN COALESCE(t.error_code, 'undelivered') ELSE t.error_code END,
        ended_at = now()
    WHERE t.id = v_turn AND t.state = 'generated';
  INSERT INTO turn_step (tenant_id, turn_id, step, detail) VALUES (
    p_tenant, v_turn, CASE p_state WHEN 'delivered' THEN 'delivered' ELSE 'undelivered' END,
    jsonb_strip_nulls(jsonb_build_object('way', p_way, 'code', p_error_code)));
  RETURN QUERY SELECT true, n.turn_id, n.turn_wake, n.delivery_id, n.delivery_wake
    FROM (SELECT 1) one LEFT JOIN activate_next_turn(p_tenant, v_thread) n ON true;
END $$;
`;
