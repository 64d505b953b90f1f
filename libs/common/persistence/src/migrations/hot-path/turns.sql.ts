import { BY_KEY } from './settings.sql';

/** What a generator writes of many turns at once. */
export const turnCommit = `
-- Commits how turns ended and what they cost: {turn, attempt, outcome, text, code, message, usage, answer, remembered,
-- firstWordsAt, model} each. Guarded by owner and attempt; returns those that were still the caller's, with their pools in
-- which others wait. Sums of a day are written in one order, so that no two callers wait for each other.
CREATE OR REPLACE FUNCTION commit_turns(p_tenant uuid, p_owner uuid, p_endings jsonb)
RETURNS TABLE (committed_turn uuid, wanted text[])
LANGUAGE plpgsql ${BY_KEY} AS $$
DECLARE
  v_active constant text := 'active';
  v_running constant text := 'running';
BEGIN
  RETURN QUERY
    WITH ended AS (
      UPDATE turn t
        SET state = 'generated', outcome = e.outcome, answer = e.text, error_code = e.code, error_message = e.message,
            usage = e.usage, generated_at = now()
        FROM jsonb_to_recordset(p_endings) AS e (
          turn uuid, attempt integer, outcome text, text text, code text, message text, usage jsonb, answer uuid,
          remembered text, "firstWordsAt" timestamptz, model uuid)
        WHERE t.tenant_id IS NOT DISTINCT FROM p_tenant AND t.id = e.turn AND t.attempt = e.attempt AND t.owner = p_owner AND t.state = v_active
        RETURNING t.id, t.attempt, t.session_id, t.seq, t.channel_id, t.permit_of, e.outcome, e.code, e.usage,
                  e.answer AS answer_id, e.remembered, e."firstWordsAt" AS first_words_at, e.model
    ), words AS (
      INSERT INTO message (tenant_id, id, session_id, turn_id, turn_seq, role, text)
        SELECT p_tenant, n.answer_id, n.session_id, n.id, n.seq, 'assistant', n.remembered FROM ended n
          WHERE n.remembered IS NOT NULL
    ), step AS (
      INSERT INTO turn_step (tenant_id, turn_id, at, step, detail)
        SELECT p_tenant, n.id, s.at, s.step, jsonb_strip_nulls(s.detail)
          FROM ended n CROSS JOIN LATERAL (VALUES
            (n.first_words_at, 'first_words', jsonb_build_object('attempt', n.attempt)),
            (clock_timestamp(), 'generated',
             jsonb_build_object('outcome', n.outcome, 'code', n.code, 'attempt', n.attempt))) AS s (at, step, detail)
          WHERE s.at IS NOT NULL
    ), spent AS (
      UPDATE turn_attempt a
        SET state = n.outcome, ended_at = now(), code = n.code, model_id = COALESCE(n.model, a.model_id), counted = true,
            input_tokens = COALESCE((n.usage ->> 'inputTokens')::bigint, 0),
            output_tokens = COALESCE((n.usage ->> 'outputTokens')::bigint, 0),
            cached_tokens = COALESCE((n.usage ->> 'cachedTokens')::bigint, 0),
            is_estimated = COALESCE((n.usage ->> 'isEstimated')::boolean, false),
            tool_calls = COALESCE((n.usage ->> 'toolCalls')::integer, 0),
            cost = COALESCE((n.usage ->> 'cost')::numeric, 0)
        FROM ended n
        WHERE a.tenant_id IS NOT DISTINCT FROM p_tenant AND a.turn_id = n.id AND a.attempt = n.attempt AND a.state = v_running
        RETURNING a.*
    ), summed AS (
      INSERT INTO usage_day AS u (tenant_id, day, channel_id, member_id, model_id, attempts, turns, input_tokens,
          output_tokens, cached_tokens, counted_tokens, counted_cost, tool_calls, duration_ms, cost)
        SELECT p_tenant, (a.started_at AT TIME ZONE 'Asia/Shanghai')::date AS day, a.channel_id, a.member_id, a.model_id,
               count(*), count(*), sum(a.input_tokens), sum(a.output_tokens), sum(a.cached_tokens),
               sum(a.input_tokens + a.output_tokens), sum(a.cost), sum(a.tool_calls),
               sum((extract(epoch FROM a.ended_at - a.started_at) * 1000)::bigint), sum(a.cost)
          FROM spent a GROUP BY day, a.channel_id, a.member_id, a.model_id ORDER BY day, a.channel_id, a.member_id, a.model_id
        ON CONFLICT (tenant_id, day, channel_id, member_id, COALESCE(model_id, '00000000-0000-0000-0000-000000000000'))
        DO UPDATE SET attempts = u.attempts + EXCLUDED.attempts, turns = u.turns + EXCLUDED.turns,
          input_tokens = u.input_tokens + EXCLUDED.input_tokens, output_tokens = u.output_tokens + EXCLUDED.output_tokens,
          cached_tokens = u.cached_tokens + EXCLUDED.cached_tokens, counted_tokens = u.counted_tokens + EXCLUDED.counted_tokens,
          counted_cost = u.counted_cost + EXCLUDED.counted_cost, tool_calls = u.tool_calls + EXCLUDED.tool_calls,
          duration_ms = u.duration_ms + EXCLUDED.duration_ms, cost = u.cost + EXCLUDED.cost
    )
    SELECT n.id, ARRAY(
      SELECT p.pool
        FROM (VALUES ('model:' || n.permit_of), ('channel:' || n.channel_id), ('tenant:' || p_tenant)) AS p (pool)
        WHERE (SELECT true FROM turn w WHERE w.permit_pool = p.pool LIMIT 1))
      FROM ended n;
END $$;
`;
