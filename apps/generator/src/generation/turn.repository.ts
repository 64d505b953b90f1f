import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import type { Locale } from '@common/domain';
import { derivedId, storableText } from '@common/kernel';
import { Database } from '@common/persistence';

import type { HistoryMessage, ModelAccess } from '../agents/agent.port';
import type { ClaimedTurn, Ending } from './claimed-turn';

interface ClaimRow {
  id: string;
  session_id: string;
  seq: string;
  attempt: number;
  lost_attempts: number;
  locale: Locale;
  cancelled: boolean;
  channel_enabled: boolean;
  kind: string | null;
  instructions: string | null;
  limits: { timeoutSeconds?: number } | null;
  model_id: string | null;
  provider: ModelAccess['provider'];
  base_url: string | null;
  api_key: Buffer | null;
  upstream_model: string | null;
  params: Record<string, unknown> | null;
  trusted_address: boolean;
}

/** Turns as the generator sees them. Every write is guarded by attempt and owner: a late process changes nothing. */
@Injectable()
export class TurnRepository {
  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
  ) {}

  /** Makes the turn ours. Null when it ended, or somebody living has it. */
  async claim(tenantId: string, turnId: string): Promise<ClaimedTurn | null> {
    const [row] = await this.database.inTenantOnce<ClaimRow>(
      tenantId,
      { name: 'turn.claim', text: CLAIM },
      [tenantId, turnId, this.incarnation.id, this.incarnation.mayTakeOver()],
    );
    return row ? toTurn(row, tenantId) : null;
  }

  /** Oldest first, this turn's words last. Turns without an answer are left out. */
  async history(turn: ClaimedTurn, limit: number): Promise<HistoryMessage[]> {
    const rows = await this.database.inTenantOnce<HistoryMessage & { turn_id: string }>(
      turn.tenantId,
      { name: 'turn.history', text: HISTORY },
      [turn.tenantId, turn.sessionId, turn.seq, limit],
    );
    const answered = new Set(
      rows.filter(({ role }) => role === 'assistant').map(({ turn_id }) => turn_id),
    );
    return rows
      .filter(({ turn_id }) => turn_id === turn.id || answered.has(turn_id))
      .reverse()
      .map(({ role, text }) => ({ role, text }));
  }

  /** Commits how it ended. False when the turn is no longer ours. */
  async commit(turn: ClaimedTurn, ending: Ending): Promise<boolean> {
    const rows = await this.database.inTenantOnce(
      turn.tenantId,
      { name: 'turn.commit', text: COMMIT },
      [
        turn.tenantId,
        turn.id,
        turn.attempt,
        this.incarnation.id,
        ending.outcome,
        storableText(ending.text),
        ending.error?.code ?? null,
        ending.error?.message ?? null,
        ending.usage ? JSON.stringify(ending.usage) : null,
        derivedId('answer', turn.id),
        ending.remembered === null ? null : storableText(ending.remembered),
        turn.sessionId,
        turn.seq,
        ending.firstWordsAt,
      ],
    );
    return rows.length === 1;
  }

  /** Gives back what this process owns without working on it. @returns their ids: there should be none */
  async releaseStrays(inHand: readonly string[]): Promise<string[]> {
    const rows = await this.database.acrossTenantsOnce<{ id: string }>('reconcile', STRAYS, [
      this.incarnation.id,
      inHand,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Gives the turn back without counting the attempt as lost. @returns its new wake counter, null when not ours */
  async release(turn: ClaimedTurn): Promise<number | null> {
    const [row] = await this.database.inTenantOnce<{ wake: number }>(
      turn.tenantId,
      `UPDATE turn SET owner = NULL, wake = wake + 1, woken_at = now()
        WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND owner = $4 AND state = 'active' RETURNING wake`,
      [turn.tenantId, turn.id, turn.attempt, this.incarnation.id],
    );
    return row?.wake ?? null;
  }
}

/** Ours by the row, but in nobody's hands: work that ended without a word. Claims of this moment are left alone. */
const STRAYS = `
UPDATE turn SET owner = NULL, wake = wake + 1, woken_at = now()
 WHERE owner = $1 AND state = 'active' AND id <> ALL($2) AND claimed_at < now() - interval '10 seconds'
RETURNING id`;

const CLAIM = `
WITH claimed AS (
  UPDATE turn t
     SET owner = $3, claimed_at = now(), attempt = t.attempt + 1,
         lost_attempts = t.lost_attempts + CASE WHEN t.owner IS NULL OR t.owner = $3 THEN 0 ELSE 1 END
   WHERE t.tenant_id = $1 AND t.id = $2 AND t.state = 'active'
     AND (t.owner IS NULL OR t.owner = $3 OR ($4 AND NOT EXISTS (
           SELECT 1 FROM incarnation i WHERE i.id = t.owner AND i.seen_at > now() - interval '6 seconds')))
  RETURNING t.*
), step AS (
  INSERT INTO turn_step (tenant_id, turn_id, step, detail)
  SELECT tenant_id, id, 'generation_started', jsonb_build_object('attempt', attempt) FROM claimed
)
SELECT t.id, t.session_id, t.seq, t.attempt, t.lost_attempts, t.locale,
       t.cancel_requested_at IS NOT NULL AS cancelled, c.enabled AND c.deleted_at IS NULL AS channel_enabled,
       v.kind, v.instructions, v.limits, m.id AS model_id, m.provider, m.base_url, m.api_key, m.upstream_model,
       m.params, m.trusted_address
  FROM claimed t
  JOIN channel c ON c.tenant_id = t.tenant_id AND c.id = t.channel_id
  LEFT JOIN agent_version v ON v.tenant_id = t.tenant_id AND v.id = t.agent_version_id
  LEFT JOIN model m ON m.tenant_id = t.tenant_id AND m.id = COALESCE(v.model_id, c.default_model_id)`;

const HISTORY = `
SELECT role, text, turn_id FROM message
 WHERE tenant_id = $1 AND session_id = $2 AND turn_seq <= $3
 ORDER BY turn_seq DESC, role ASC, id DESC LIMIT $4`;

const COMMIT = `
WITH ended AS (
  UPDATE turn SET state = 'generated', outcome = $5, answer = $6, error_code = $7, error_message = $8, usage = $9,
         generated_at = now()
   WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND owner = $4 AND state = 'active'
  RETURNING id
), words AS (
  INSERT INTO message (tenant_id, id, session_id, turn_id, turn_seq, role, text)
  SELECT $1, $10, $12, $2, $13, 'assistant', $11 FROM ended WHERE $11::text IS NOT NULL
), step AS (
  INSERT INTO turn_step (tenant_id, turn_id, at, step, detail)
  SELECT $1, id, s.at, s.step, jsonb_strip_nulls(s.detail)
    FROM ended, (VALUES
      ($14::timestamptz, 'first_words', jsonb_build_object('attempt', $3::int)),
      (clock_timestamp(), 'generated', jsonb_build_object('outcome', $5::text, 'code', $7::text, 'attempt', $3::int))
    ) AS s (at, step, detail)
   WHERE s.at IS NOT NULL
)
SELECT id FROM ended`;

function toTurn(row: ClaimRow, tenantId: string): ClaimedTurn {
  return {
    id: row.id,
    tenantId,
    sessionId: row.session_id,
    seq: Number(row.seq),
    attempt: row.attempt,
    lostAttempts: row.lost_attempts,
    locale: row.locale,
    isCancelRequested: row.cancelled,
    isChannelEnabled: row.channel_enabled,
    agent: row.kind === null ? null : { ...agentOf(row), kind: row.kind },
  };
}

function agentOf(row: ClaimRow) {
  const model: ModelAccess | null =
    row.model_id === null
      ? null
      : {
          id: row.model_id,
          provider: row.provider,
          baseUrl: row.base_url,
          apiKey: row.api_key,
          upstreamModel: row.upstream_model,
          params: row.params ?? {},
          isTrustedAddress: row.trusted_address,
        };
  return {
    instructions: row.instructions ?? '',
    timeoutSeconds: row.limits?.timeoutSeconds ?? null,
    model,
  };
}
