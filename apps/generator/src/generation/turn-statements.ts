import { MODEL_COLUMNS } from '../models/model-row';

/** The pools of a row of `turn` in which somebody waits: an index look-up each (a limited one is no join that could hash). */
const wantedPools = (turn: string): string => `ARRAY(
  SELECT p.pool FROM (VALUES ('model:' || ${turn}.permit_of), ('channel:' || ${turn}.channel_id), ('tenant:' || ${turn}.tenant_id)) AS p (pool)
   WHERE (SELECT true FROM turn w WHERE w.permit_pool = p.pool LIMIT 1)) AS wanted`;

/** Ours by the row, but in nobody's hands: work that ended without a word. Claims of this moment are left alone. */
export const STRAYS = `
WITH stray AS (
  UPDATE turn SET owner = NULL, wake = wake + 1, woken_at = now(), permit_held = false
   WHERE owner = $1 AND state = 'active' AND id <> ALL($2) AND claimed_at < now() - interval '10 seconds'
  RETURNING id, tenant_id, attempt
)
SELECT id, end_attempt(tenant_id, id, attempt, 'released', NULL, NULL, 'stray') FROM stray`;

export const RELEASE = `
WITH released AS (
  UPDATE turn SET owner = NULL, wake = wake + 1, woken_at = now(), permit_held = false
   WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND owner = $4 AND state = 'active'
  RETURNING *
)
SELECT wake, end_attempt($1, id, $3, 'released', NULL, NULL, NULL), ${wantedPools('released')} FROM released`;

/** Nothing was done for it yet: it is no attempt. */
export const LEAVE = `
WITH freed AS (
  UPDATE turn SET owner = NULL, attempt = attempt - 1, woken_at = now(), permit_held = false
   WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND owner = $4 AND state = 'active'
  RETURNING *
), gone AS (
  DELETE FROM turn_attempt a USING freed f
   WHERE a.tenant_id = f.tenant_id AND a.turn_id = f.id AND a.attempt = $3 AND a.state = 'running'
)
SELECT id FROM freed`;

export const SUSPEND = `
WITH waits AS (
  UPDATE turn SET state = 'waiting', owner = NULL, permit_held = false
   WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND owner = $4 AND state = 'active'
  RETURNING *
), kept AS (
  INSERT INTO turn_wait (turn_id, tenant_id, conversation, question, ask) SELECT id, tenant_id, $5::jsonb, $8, $9::jsonb FROM waits
  ON CONFLICT (turn_id) DO UPDATE SET conversation = $5::jsonb, question = $8, ask = $9::jsonb, asked = turn_wait.asked + 1,
     created_at = now()
), step AS (
  INSERT INTO turn_step (tenant_id, turn_id, step, detail)
  SELECT tenant_id, id, 'waiting_for_person', jsonb_build_object('attempt', attempt) FROM waits
)
SELECT end_attempt($1, id, $3, 'waiting', $6::uuid, $7::jsonb, NULL), ${wantedPools('waits')} FROM waits`;

export const RESTART = `
WITH next AS (
  UPDATE turn SET attempt = attempt + 1, claimed_at = now()
   WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND owner = $4 AND state = 'active'
  RETURNING *
), entry AS (
  INSERT INTO turn_attempt (tenant_id, turn_id, attempt, channel_id, member_id, model_id)
  SELECT tenant_id, id, attempt, channel_id, member_id, $5 FROM next
), step AS (
  INSERT INTO turn_step (tenant_id, turn_id, step, detail)
  SELECT tenant_id, id, 'generation_started', jsonb_build_object('attempt', attempt, 'because', $7::text) FROM next
)
SELECT end_attempt($1, id, $3, 'restarted', $5::uuid, $6::jsonb, $7) FROM next`;

// Claimed first, and each once: in a join a plan may call the function again for every row of another table. What belongs
// to a turn is looked up one by one: joined with a function's rows the plan reads all turns of the tenant. The ids come as
// text, since the length of an array makes every plan a new one.
export const CLAIM = `
WITH g AS MATERIALIZED (
  SELECT wanted.id AS turn_id, c.*
    FROM unnest(string_to_array($2, ',')::uuid[]) AS wanted (id) CROSS JOIN LATERAL claim_turn($1, wanted.id, $3, $4) c
)
SELECT g.verdict, g.claimed_attempt AS attempt, g.lost AS lost_attempts, g.cancelled, one.*
  FROM g CROSS JOIN LATERAL (
SELECT t.id, t.channel_id, t.session_id, t.seq, t.locale, c.enabled AND c.deleted_at IS NULL AS channel_enabled,
       EXISTS (SELECT 1 FROM budget b WHERE b.tenant_id = $1 AND b.deleted_at IS NULL) AS has_budgets,
       t.member_id, k.kind AS conversation_kind, v.kind, v.agent_id, v.instructions, v.limits, v.tools, v.show_reasoning,
       v.endpoint_url, v.endpoint_secret, v.trusted_address AS endpoint_trusted, v.fallback_model_id, w.conversation AS pause, ${MODEL_COLUMNS}
  FROM turn t
  JOIN channel c ON c.tenant_id = t.tenant_id AND c.id = t.channel_id
  JOIN thread h ON h.id = t.thread_id
  JOIN conversation k ON k.id = h.conversation_id
  LEFT JOIN turn_wait w ON w.turn_id = t.id
  LEFT JOIN agent_version v ON v.tenant_id = t.tenant_id AND v.id = t.agent_version_id
  LEFT JOIN model m ON m.tenant_id = t.tenant_id AND m.id = COALESCE(t.model_id, v.model_id, c.default_model_id)
 WHERE t.tenant_id = $1 AND t.id = g.turn_id LIMIT 1) one`;
