/** As before, but each pool is looked at by itself: over a list of pools the plan came to read all turns. */
export const permitMissing = `
-- The first pool in which this turn gets no permit now: it is full, or others wait in it for longer. NULL: all have room.
-- The caller holds the tenant's permit lock.
CREATE OR REPLACE FUNCTION permit_missing(p_tenant uuid, p_turn uuid, p_channel uuid, p_of uuid, p_since timestamptz) RETURNS text
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
  SELECT CASE
      WHEN v_used.model >= v_limit.model OR EXISTS (
        SELECT 1 FROM turn w WHERE w.permit_pool = 'model:' || p_of AND (w.permit_since, w.id) < (p_since, p_turn))
      THEN 'model:' || p_of
      WHEN v_used.channel >= v_limit.channel OR EXISTS (
        SELECT 1 FROM turn w WHERE w.permit_pool = 'channel:' || p_channel AND (w.permit_since, w.id) < (p_since, p_turn))
      THEN 'channel:' || p_channel
      WHEN v_used.tenant >= v_limit.tenant OR EXISTS (
        SELECT 1 FROM turn w WHERE w.permit_pool = 'tenant:' || p_tenant AND (w.permit_since, w.id) < (p_since, p_turn))
      THEN 'tenant:' || p_tenant
    END INTO v_pool;
  RETURN v_pool;
END $$;
`;
