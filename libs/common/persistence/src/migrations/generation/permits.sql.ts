/**
 * Permits (design §3, slots): who may hold a slot is counted from the turns themselves, so a dead owner's permits are free
 * when its lease is over and a wiped Redis changes nothing. A pool is `model:<id>`, `channel:<id>` or `tenant:<id>`; a turn
 * without a permit names the pool it waits for.
 */
export const permitColumns = `
-- How many turns this process can answer at a time; NULL for services that answer none.
ALTER TABLE incarnation ADD COLUMN slots integer;
ALTER TABLE tenant ADD COLUMN max_concurrent integer CHECK (max_concurrent > 0);
ALTER TABLE model ADD COLUMN max_concurrent integer CHECK (max_concurrent > 0);

ALTER TABLE turn
  -- The model, or the agent where it has none of its own.
  ADD COLUMN permit_of uuid,
  ADD COLUMN permit_held boolean NOT NULL DEFAULT false,
  -- Granted and not yet claimed; counts for a while.
  ADD COLUMN permit_granted_at timestamptz,
  -- Its place in the order; kept by a turn that was lost.
  ADD COLUMN permit_since timestamptz,
  ADD COLUMN permit_pool text;
CREATE INDEX turn_permit_waiting ON turn (permit_pool, permit_since, id) INCLUDE (tenant_id) WHERE permit_pool IS NOT NULL;
CREATE INDEX turn_permit_held ON turn (tenant_id) INCLUDE (channel_id, permit_of, owner) WHERE permit_held AND state = 'active';
`;

export const permitFunctions = `
-- The place of a turn among those that wait in its pool, 1 for the next; NULL when it waits for nothing.
CREATE FUNCTION permit_place(p_pool text, p_since timestamptz, p_turn uuid) RETURNS integer
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_pool IS NOT NULL THEN (
    SELECT count(*)::integer + 1 FROM turn w WHERE w.permit_pool = p_pool AND (w.permit_since, w.id) < (p_since, p_turn)) END
$$;

-- The first pool in which this turn gets no permit now: it is full, or others wait in it for longer. NULL: all have room.
-- The caller holds the tenant's permit lock.
CREATE FUNCTION permit_missing(p_tenant uuid, p_turn uuid, p_channel uuid, p_of uuid, p_since timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  v_slots integer;
  v_used record;
  v_limit record;
  v_pool text;
BEGIN
  SELECT COALESCE(sum(i.slots), 0) INTO v_slots FROM incarnation i
    WHERE i.slots IS NOT NULL AND i.seen_at > now() - interval '6 seconds';
  IF v_slots = 0 THEN
    v_slots := 200;
  END IF;
  SELECT count(*) AS tenant, count(*) FILTER (WHERE t.channel_id = p_channel) AS channel,
         count(*) FILTER (WHERE t.permit_of = p_of) AS model
    INTO v_used
    FROM turn t
    WHERE t.tenant_id = p_tenant AND t.permit_held AND t.state = 'active' AND t.id <> p_turn
      AND CASE WHEN t.owner IS NULL THEN t.permit_granted_at > now() - interval '10 seconds'
               ELSE EXISTS (SELECT 1 FROM incarnation i WHERE i.id = t.owner AND i.seen_at > now() - interval '6 seconds') END;
  SELECT COALESCE(tn.max_concurrent, greatest(1, v_slots * 3 / 4)) AS tenant, greatest(1, v_slots / 4) AS channel,
         COALESCE(m.max_concurrent, greatest(1, v_slots / 2)) AS model
    INTO v_limit
    FROM tenant tn LEFT JOIN model m ON m.id = p_of WHERE tn.id = p_tenant;
  SELECT p.pool INTO v_pool
    FROM (VALUES (1, 'model:' || p_of, v_used.model, v_limit.model), (2, 'channel:' || p_channel, v_used.channel, v_limit.channel),
                 (3, 'tenant:' || p_tenant, v_used.tenant, v_limit.tenant)) AS p (n, pool, used, room)
    WHERE p.used >= p.room OR EXISTS (
      SELECT 1 FROM turn w WHERE w.permit_pool = p.pool AND (w.permit_since, w.id) < (p_since, p_turn))
    ORDER BY p.n LIMIT 1;
  RETURN v_pool;
END $$;

-- Gives what is free in these pools to those who wait, the oldest first. A turn whose next pool is full moves there and
-- keeps its place. @returns the turns that want a job
CREATE FUNCTION grant_permits(p_tenant uuid, p_pools text[], p_most integer)
RETURNS TABLE (granted_turn uuid, granted_wake integer)
LANGUAGE plpgsql AS $$
DECLARE
  v_pool text;
  v_next text;
  v_turn record;
  v_given integer := 0;
  v_seen integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('permits:' || p_tenant, 0));
  FOREACH v_pool IN ARRAY p_pools LOOP
    LOOP
      EXIT WHEN v_given >= p_most OR v_seen >= 20 * p_most;
      v_seen := v_seen + 1;
      SELECT t.id, t.channel_id, t.permit_of, t.permit_since INTO v_turn FROM turn t
        WHERE t.permit_pool = v_pool AND t.tenant_id = p_tenant ORDER BY t.permit_since, t.id LIMIT 1;
      EXIT WHEN NOT FOUND;
      v_next := permit_missing(p_tenant, v_turn.id, v_turn.channel_id, v_turn.permit_of, v_turn.permit_since);
      EXIT WHEN v_next = v_pool;
      IF v_next IS NOT NULL THEN
        UPDATE turn SET permit_pool = v_next WHERE id = v_turn.id AND permit_pool = v_pool;
      ELSE
        v_given := v_given + 1;
        RETURN QUERY
          UPDATE turn t SET permit_pool = NULL, permit_held = true, permit_granted_at = now(), wake = t.wake + 1, woken_at = now()
            WHERE t.id = v_turn.id AND t.permit_pool = v_pool RETURNING t.id, t.wake;
      END IF;
    END LOOP;
  END LOOP;
END $$;

-- Makes a turn the caller's for one attempt. Verdicts: 'claimed'; 'waiting' (no permit: its place is kept). No row: it ended,
-- waits already, or somebody living has it. Turns that will ask no agent need no permit.
CREATE FUNCTION claim_turn(p_tenant uuid, p_turn uuid, p_owner uuid, p_take_over boolean)
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
         COALESCE(v.model_id, c.default_model_id, v.agent_id) AS pool_of
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
