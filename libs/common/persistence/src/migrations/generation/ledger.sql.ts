/** What answering costs: one row per attempt, and the sums by day that budgets and reports read. */
export const ledgerTables = `
CREATE TABLE turn_attempt (
  tenant_id uuid NOT NULL,
  turn_id uuid NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  channel_id uuid NOT NULL,
  member_id uuid NOT NULL,
  model_id uuid,
  state text NOT NULL DEFAULT 'running'
    CHECK (state IN ('running', 'answered', 'failed', 'cancelled', 'restarted', 'released', 'waiting', 'lost')),
  -- Whether it counts toward a person's quota: of all attempts at a turn, the one that ended it.
  counted boolean NOT NULL DEFAULT false,
  input_tokens bigint NOT NULL DEFAULT 0,
  output_tokens bigint NOT NULL DEFAULT 0,
  cached_tokens bigint NOT NULL DEFAULT 0,
  -- The provider did not say; counted by us.
  is_estimated boolean NOT NULL DEFAULT false,
  tool_calls integer NOT NULL DEFAULT 0,
  -- In the currency of the model's price table.
  cost numeric(20, 8) NOT NULL DEFAULT 0,
  code text,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  PRIMARY KEY (turn_id, attempt),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id),
  FOREIGN KEY (tenant_id, model_id) REFERENCES model (tenant_id, id)
);
CREATE INDEX turn_attempt_recent ON turn_attempt (tenant_id, started_at DESC);

-- Days are those of China, where DingTalk's own allowances are counted.
CREATE TABLE usage_day (
  tenant_id uuid NOT NULL,
  day date NOT NULL,
  channel_id uuid NOT NULL,
  member_id uuid NOT NULL,
  model_id uuid,
  attempts integer NOT NULL DEFAULT 0,
  turns integer NOT NULL DEFAULT 0,
  input_tokens bigint NOT NULL DEFAULT 0,
  output_tokens bigint NOT NULL DEFAULT 0,
  cached_tokens bigint NOT NULL DEFAULT 0,
  -- Of counted attempts alone: what quotas of people are measured by.
  counted_tokens bigint NOT NULL DEFAULT 0,
  counted_cost numeric(20, 8) NOT NULL DEFAULT 0,
  tool_calls integer NOT NULL DEFAULT 0,
  duration_ms bigint NOT NULL DEFAULT 0,
  cost numeric(20, 8) NOT NULL DEFAULT 0,
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id),
  FOREIGN KEY (tenant_id, model_id) REFERENCES model (tenant_id, id)
);
CREATE UNIQUE INDEX usage_day_one ON usage_day
  (tenant_id, day, channel_id, member_id, COALESCE(model_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX usage_day_member ON usage_day (tenant_id, member_id, day);
CREATE INDEX usage_day_channel ON usage_day (tenant_id, channel_id, day);
`;

/** Ends an attempt once, and adds it to the day's sums; the second time nothing happens. */
export const ledgerFunctions = `
CREATE FUNCTION end_attempt(
  p_tenant uuid, p_turn uuid, p_attempt integer, p_state text, p_model uuid, p_usage jsonb, p_code text
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  a turn_attempt;
BEGIN
  UPDATE turn_attempt t
     SET state = p_state, ended_at = now(), code = p_code, model_id = COALESCE(p_model, t.model_id),
         counted = p_state IN ('answered', 'cancelled', 'failed'),
         input_tokens = COALESCE((p_usage ->> 'inputTokens')::bigint, 0),
         output_tokens = COALESCE((p_usage ->> 'outputTokens')::bigint, 0),
         cached_tokens = COALESCE((p_usage ->> 'cachedTokens')::bigint, 0),
         is_estimated = COALESCE((p_usage ->> 'isEstimated')::boolean, false),
         tool_calls = COALESCE((p_usage ->> 'toolCalls')::integer, 0),
         cost = COALESCE((p_usage ->> 'cost')::numeric, 0)
   WHERE t.tenant_id = p_tenant AND t.turn_id = p_turn AND t.attempt = p_attempt AND t.state = 'running'
  RETURNING t.* INTO a;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO usage_day AS u (tenant_id, day, channel_id, member_id, model_id, attempts, turns, input_tokens, output_tokens,
      cached_tokens, counted_tokens, counted_cost, tool_calls, duration_ms, cost)
    VALUES (p_tenant, (a.started_at AT TIME ZONE 'Asia/Shanghai')::date, a.channel_id, a.member_id, a.model_id, 1, a.counted::int,
      a.input_tokens, a.output_tokens, a.cached_tokens, CASE WHEN a.counted THEN a.input_tokens + a.output_tokens ELSE 0 END,
      CASE WHEN a.counted THEN a.cost ELSE 0 END, a.tool_calls,
      (extract(epoch FROM a.ended_at - a.started_at) * 1000)::bigint, a.cost)
    ON CONFLICT (tenant_id, day, channel_id, member_id, COALESCE(model_id, '00000000-0000-0000-0000-000000000000'))
    DO UPDATE SET attempts = u.attempts + 1, turns = u.turns + EXCLUDED.turns,
      input_tokens = u.input_tokens + EXCLUDED.input_tokens, output_tokens = u.output_tokens + EXCLUDED.output_tokens,
      cached_tokens = u.cached_tokens + EXCLUDED.cached_tokens, counted_tokens = u.counted_tokens + EXCLUDED.counted_tokens,
      counted_cost = u.counted_cost + EXCLUDED.counted_cost, tool_calls = u.tool_calls + EXCLUDED.tool_calls,
      duration_ms = u.duration_ms + EXCLUDED.duration_ms, cost = u.cost + EXCLUDED.cost;
  RETURN true;
END $$;
`;
