import { BY_KEY } from './settings.sql';

/** What a sender writes of many deliveries at once. */
export const deliveryFunctions = `
-- What became of cards. Guarded as the single change is; returns the deliveries that were still the caller's.
CREATE OR REPLACE FUNCTION set_card_states(
  p_tenant uuid, p_owner uuid, p_ids uuid[], p_attempts integer[], p_states text[], p_keys text[]
) RETURNS TABLE (changed_delivery uuid)
LANGUAGE plpgsql ${BY_KEY} AS $$
DECLARE
  v_open constant text := 'open';
BEGIN
  RETURN QUERY
    WITH changed AS (
      UPDATE delivery d SET card_state = c.card_state, message_key = COALESCE(c.message_key, d.message_key)
        FROM unnest(p_ids, p_attempts, p_states, p_keys) AS c (id, attempt, card_state, message_key)
        WHERE d.tenant_id IS NOT DISTINCT FROM p_tenant AND d.id = c.id AND d.owner = p_owner AND d.attempt = c.attempt AND d.state = v_open
        RETURNING d.id, d.turn_id, c.card_state
    ), step AS (
      INSERT INTO turn_step (tenant_id, turn_id, step)
        SELECT p_tenant, n.turn_id, 'card_' || n.card_state FROM changed n WHERE n.turn_id IS NOT NULL
    )
    SELECT n.id FROM changed n;
END $$;

-- end_delivery for many: ends deliveries and their turns, and activates the next turn of each thread. The threads are
-- locked by a statement before those that look at them, and in one order, so that no two callers wait for each other. A
-- thread that somebody holds is left out, for whoever holds it may be frozen: its delivery is not among those returned.
CREATE OR REPLACE FUNCTION end_deliveries(
  p_tenant uuid, p_owner uuid, p_ids uuid[], p_attempts integer[], p_states text[], p_ways text[], p_card_states text[],
  p_error_codes text[], p_error_messages text[]
) RETURNS TABLE (ended_delivery uuid, turn_id uuid, turn_wake integer, delivery_id uuid, delivery_wake integer)
LANGUAGE plpgsql ${BY_KEY} AS $$
DECLARE
  v_open constant text := 'open';
  v_generated constant text := 'generated';
  v_ended uuid[];
  v_threads uuid[];
  v_free uuid[];
BEGIN
  SELECT array_agg((SELECT t.thread_id FROM delivery d JOIN turn t ON t.id = d.turn_id WHERE d.id = e.id)) INTO v_threads
    FROM unnest(p_ids) AS e (id);
  SELECT array_agg(l.id) INTO v_free FROM (
    SELECT th.id FROM thread th WHERE th.tenant_id IS NOT DISTINCT FROM p_tenant AND th.id = ANY (v_threads)
      ORDER BY th.id FOR UPDATE SKIP LOCKED) l;
  WITH ended AS (
    UPDATE delivery d
      SET state = e.state, way = e.way,
          -- Whatever card an undelivered answer may have left open is the reaper's.
          card_state = CASE WHEN e.state = 'undelivered' AND d.card_state IN ('creating', 'open', 'finalising') THEN 'debt'
                            ELSE COALESCE(e.card_state, d.card_state) END,
          error_code = e.error_code, error_message = e.error_message, ended_at = now()
      FROM unnest(p_ids, p_attempts, p_states, p_ways, p_card_states, p_error_codes, p_error_messages)
        AS e (id, attempt, state, way, card_state, error_code, error_message)
      WHERE d.tenant_id IS NOT DISTINCT FROM p_tenant AND d.id = e.id AND d.state = v_open AND d.owner = p_owner AND d.attempt = e.attempt
        AND (d.turn_id IS NULL OR (SELECT f.thread_id FROM turn f WHERE f.id = d.turn_id) = ANY (v_free))
      RETURNING d.id, d.turn_id, e.state, e.way, e.error_code
  ), closed AS (
    -- An answer that nobody could be shown is a failure of the turn, whatever the agent said.
    UPDATE turn t
      SET state = CASE WHEN t.outcome <> 'answered' THEN t.outcome WHEN n.state = 'delivered' THEN 'delivered' ELSE 'failed' END,
          error_code = CASE WHEN n.state = 'undelivered' THEN COALESCE(t.error_code, 'undelivered') ELSE t.error_code END,
          ended_at = now()
      FROM ended n WHERE t.id = n.turn_id AND t.state = v_generated
  ), step AS (
    INSERT INTO turn_step (tenant_id, turn_id, step, detail)
      SELECT p_tenant, n.turn_id, n.state, jsonb_strip_nulls(jsonb_build_object('way', n.way, 'code', n.error_code))
        FROM ended n WHERE n.turn_id IS NOT NULL
  )
  SELECT array_agg(n.id), array_agg(t.thread_id) INTO v_ended, v_threads FROM ended n LEFT JOIN turn t ON t.id = n.turn_id;
  IF NOT EXISTS (SELECT 1 FROM turn q WHERE q.thread_id = ANY (v_threads) AND q.state = 'queued') THEN
    RETURN QUERY SELECT n.id, NULL::uuid, NULL::integer, NULL::uuid, NULL::integer FROM unnest(v_ended) AS n (id);
    RETURN;
  END IF;
  RETURN QUERY
    SELECT n.id, a.turn_id, a.turn_wake, a.delivery_id, a.delivery_wake
      FROM unnest(v_ended, v_threads) AS n (id, thread_id) LEFT JOIN LATERAL activate_next_turn(p_tenant, n.thread_id) a ON true;
END $$;
`;

export const deliveryClaims = `
-- Makes deliveries the caller's and writes down the intent of a card: meant when the channel wants cards, one can reach the
-- person, and cards are not known to fail here. Ids in one order: rows are locked as they come.
CREATE OR REPLACE FUNCTION claim_deliveries(p_tenant uuid, p_ids uuid[], p_owner uuid, p_take_over boolean)
RETURNS TABLE (claimed_delivery uuid, claimed_attempt integer, claimed_card_state text)
LANGUAGE plpgsql ROWS 10 ${BY_KEY} AS $$
DECLARE
  v_open constant text := 'open';
BEGIN
  RETURN QUERY
    UPDATE delivery d
      SET owner = p_owner, claimed_at = now(), attempt = d.attempt + 1,
          lost_attempts = d.lost_attempts + CASE WHEN d.owner IS NULL OR d.owner = p_owner THEN 0 ELSE 1 END,
          card_state = CASE
            WHEN d.card_state IS NOT NULL OR d.turn_id IS NULL THEN d.card_state
            WHEN (SELECT (c.card ->> 'enabled')::boolean FROM channel c WHERE c.id = d.channel_id) IS NOT TRUE THEN NULL
            WHEN d.target ->> 'kind' = 'direct' AND d.target ->> 'staffId' IS NULL THEN NULL
            WHEN EXISTS (SELECT 1 FROM channel_notice n WHERE n.channel_id = d.channel_id
                          AND n.code IN ('card_permission_missing', 'card_template_unusable') AND n.until > now()) THEN NULL
            ELSE 'creating' END
      FROM unnest(p_ids) AS w (id)
      WHERE d.tenant_id IS NOT DISTINCT FROM p_tenant AND d.id = w.id AND d.state = v_open
        AND (d.owner IS NULL OR d.owner = p_owner OR (p_take_over AND NOT EXISTS (
              SELECT 1 FROM incarnation i WHERE i.id = d.owner AND i.seen_at > now() - interval '6 seconds')))
      RETURNING d.id, d.attempt, d.card_state;
END $$;
`;
