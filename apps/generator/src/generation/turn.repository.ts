import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import type { ConversationKind, Locale } from '@common/domain';
import { derivedId, MicroBatch, storableText } from '@common/kernel';
import { Database, isPassingFailure } from '@common/persistence';

import type { SessionMessage } from '../context/context.repository';
import { MODEL_COLUMNS, type ModelRow, toModelAccess } from '../models/model-row';
import type { Pause, Suspension } from '../tools/suspension';
import type { ClaimedAgent, ClaimedTurn, Ending } from './claimed-turn';

interface ClaimRow extends ModelRow {
  verdict: 'claimed' | 'waiting';
  id: string;
  channel_id: string;
  session_id: string;
  seq: string;
  attempt: number;
  lost_attempts: number;
  locale: Locale;
  cancelled: boolean;
  channel_enabled: boolean;
  kind: string | null;
  instructions: string | null;
  limits: { timeoutSeconds?: number; maxSteps?: number } | null;
  agent_id: string;
  tools: ClaimedAgent['tools'] | null;
  show_reasoning: boolean;
  endpoint_url: string | null;
  endpoint_secret: Buffer | null;
  endpoint_trusted: boolean;
  fallback_model_id: string | null;
  pause: Pause | null;
  member_id: string;
  conversation_kind: ConversationKind;
}

/** How a write that gives a permit back went. */
export interface Freed {
  /** False when the turn was no longer ours: then nothing was written. */
  readonly isOurs: boolean;
  /** Pools of the turn in which others wait. */
  readonly wantedPools: readonly string[];
}

/** One lock and one commit for so many claims at the most. */
const MOST_CLAIMS = 50;

/** Turns as the generator sees them. Every write is guarded by attempt and owner: a late process changes nothing. */
@Injectable()
export class TurnRepository {
  /** By tenant. A tenant's claims wait for each other's commit (ADR 11), so those that come meanwhile share the next. */
  private readonly claims = new Map<string, MicroBatch<string, ClaimedTurn | null>>();

  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
  ) {}

  /** Makes the turn ours. Null when it ended, somebody living has it, or it has to wait for a permit. */
  claim(tenantId: string, turnId: string): Promise<ClaimedTurn | null> {
    const claims =
      this.claims.get(tenantId) ??
      new MicroBatch<string, ClaimedTurn | null>((ids) => this.claimAll(tenantId, ids), {
        width: 1,
        most: MOST_CLAIMS,
        isOfAll: isPassingFailure,
      });
    this.claims.set(tenantId, claims);
    return claims.add(turnId);
  }

  /** Of two jobs of one turn in a batch the first gets it. */
  private async claimAll(
    tenantId: string,
    turnIds: readonly string[],
  ): Promise<(ClaimedTurn | null)[]> {
    const rows = await this.database.inTenantOnce<ClaimRow>(
      tenantId,
      { name: 'turn.claim', text: CLAIM },
      [tenantId, [...new Set(turnIds)], this.incarnation.id, this.incarnation.mayTakeOver()],
    );
    return turnIds.map((id, n) => {
      const row = rows.find((one) => one.id === id && one.verdict === 'claimed');
      return row && turnIds.indexOf(id) === n ? toTurn(row, tenantId) : null;
    });
  }

  /** Oldest first, this turn's words last. Turns without an answer are left out. */
  async history(turn: ClaimedTurn, limit: number): Promise<SessionMessage[]> {
    const rows = await this.database.inTenantOnce<
      Omit<SessionMessage, 'seq' | 'parts'> & {
        turn_id: string;
        turn_seq: string;
        parts: SessionMessage['parts'] | null;
      }
    >(turn.tenantId, { name: 'turn.history', text: HISTORY }, [
      turn.tenantId,
      turn.sessionId,
      turn.seq,
      limit,
    ]);
    const answered = new Set(
      rows.filter(({ role }) => role === 'assistant').map(({ turn_id }) => turn_id),
    );
    return rows
      .filter(({ turn_id }) => turn_id === turn.id || answered.has(turn_id))
      .reverse()
      .map(({ role, text, turn_seq, parts }) => ({
        ...{ role, text, seq: Number(turn_seq), parts: parts ?? [] },
      }));
  }

  /** Commits how it ended, and what it cost. */
  async commit(turn: ClaimedTurn, ending: Ending): Promise<Freed> {
    const rows = await this.database.inTenantOnce<{ wanted: string[] }>(
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
        ending.modelId,
      ],
    );
    return freed(rows);
  }

  /**
   * Begins the turn anew as the next attempt: words were shown and their rest is lost. The permit stays.
   * @returns null when the turn is no longer ours
   */
  async restart(turn: ClaimedTurn, { usage, modelId, error }: Ending): Promise<ClaimedTurn | null> {
    const rows = await this.database.inTenantOnce(
      turn.tenantId,
      { name: 'turn.restart', text: RESTART },
      [
        turn.tenantId,
        turn.id,
        turn.attempt,
        this.incarnation.id,
        modelId,
        usage ? JSON.stringify(usage) : null,
        error?.code ?? null,
      ],
    );
    return rows.length === 1 ? { ...turn, attempt: turn.attempt + 1 } : null;
  }

  /** Lets the turn wait for a person: slot, permit and lease are given back, and what was said is kept. */
  async suspend(turn: ClaimedTurn, wait: Suspension): Promise<Freed> {
    const { pause, usage, modelId, question, ask } = wait;
    const rows = await this.database.inTenantOnce<{ wanted: string[] }>(
      turn.tenantId,
      { name: 'turn.suspend', text: SUSPEND },
      [
        turn.tenantId,
        turn.id,
        turn.attempt,
        this.incarnation.id,
        storableText(JSON.stringify(pause)),
        modelId,
        usage ? JSON.stringify(usage) : null,
        storableText(question),
        storableText(JSON.stringify(ask)),
      ],
    );
    return freed(rows);
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
  async release(turn: ClaimedTurn): Promise<(Freed & { readonly wake: number }) | null> {
    const rows = await this.database.inTenantOnce<{ wake: number; wanted: string[] }>(
      turn.tenantId,
      { name: 'turn.release', text: RELEASE },
      [turn.tenantId, turn.id, turn.attempt, this.incarnation.id],
    );
    return rows[0] ? { ...freed(rows), wake: rows[0].wake } : null;
  }
}

const freed = (rows: readonly { readonly wanted: string[] }[]): Freed => ({
  isOurs: rows.length === 1,
  wantedPools: rows[0]?.wanted ?? [],
});

/** The pools of a row of `turn` in which somebody waits: an index look-up each. */
const wantedPools = (turn: string): string => `ARRAY(
  SELECT p.pool FROM (VALUES ('model:' || ${turn}.permit_of), ('channel:' || ${turn}.channel_id), ('tenant:' || ${turn}.tenant_id)) AS p (pool)
   WHERE EXISTS (SELECT 1 FROM turn w WHERE w.permit_pool = p.pool)) AS wanted`;

/** Ours by the row, but in nobody's hands: work that ended without a word. Claims of this moment are left alone. */
const STRAYS = `
WITH stray AS (
  UPDATE turn SET owner = NULL, wake = wake + 1, woken_at = now(), permit_held = false
   WHERE owner = $1 AND state = 'active' AND id <> ALL($2) AND claimed_at < now() - interval '10 seconds'
  RETURNING id, tenant_id, attempt
)
SELECT id, end_attempt(tenant_id, id, attempt, 'released', NULL, NULL, 'stray') FROM stray`;

const RELEASE = `
WITH released AS (
  UPDATE turn SET owner = NULL, wake = wake + 1, woken_at = now(), permit_held = false
   WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND owner = $4 AND state = 'active'
  RETURNING *
)
SELECT wake, end_attempt($1, id, $3, 'released', NULL, NULL, NULL), ${wantedPools('released')} FROM released`;

const SUSPEND = `
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

const RESTART = `
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

// Claimed first, and each once: in a join a plan may call the function again for every row of another table.
const CLAIM = `
WITH g AS MATERIALIZED (
  SELECT wanted.id AS turn_id, c.* FROM unnest($2::uuid[]) AS wanted (id) CROSS JOIN LATERAL claim_turn($1, wanted.id, $3, $4) c
)
SELECT g.verdict, g.claimed_attempt AS attempt, g.lost AS lost_attempts, g.cancelled, t.id, t.channel_id, t.session_id, t.seq,
       t.locale, c.enabled AND c.deleted_at IS NULL AS channel_enabled,
       t.member_id, k.kind AS conversation_kind, v.kind, v.agent_id, v.instructions, v.limits, v.tools, v.show_reasoning,
       v.endpoint_url, v.endpoint_secret, v.trusted_address AS endpoint_trusted, v.fallback_model_id, w.conversation AS pause, ${MODEL_COLUMNS}
  FROM g
  JOIN turn t ON t.tenant_id = $1 AND t.id = g.turn_id
  JOIN channel c ON c.tenant_id = t.tenant_id AND c.id = t.channel_id
  JOIN thread h ON h.id = t.thread_id
  JOIN conversation k ON k.id = h.conversation_id
  LEFT JOIN turn_wait w ON w.turn_id = t.id
  LEFT JOIN agent_version v ON v.tenant_id = t.tenant_id AND v.id = t.agent_version_id
  LEFT JOIN model m ON m.tenant_id = t.tenant_id AND m.id = COALESCE(t.model_id, v.model_id, c.default_model_id)`;

const HISTORY = `
SELECT role, text, turn_id, turn_seq, parts FROM message
 WHERE tenant_id = $1 AND session_id = $2 AND turn_seq <= $3
 ORDER BY turn_seq DESC, role ASC, id DESC LIMIT $4`;

const COMMIT = `
WITH ended AS (
  UPDATE turn SET state = 'generated', outcome = $5, answer = $6, error_code = $7, error_message = $8, usage = $9,
         generated_at = now()
   WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND owner = $4 AND state = 'active'
  RETURNING *
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
SELECT end_attempt($1, id, $3, $5, $15::uuid, $9::jsonb, $7), ${wantedPools('ended')} FROM ended`;

function toTurn(row: ClaimRow, tenantId: string): ClaimedTurn {
  return {
    id: row.id,
    tenantId,
    channelId: row.channel_id,
    memberId: row.member_id,
    isDirect: row.conversation_kind === 'direct',
    sessionId: row.session_id,
    seq: Number(row.seq),
    attempt: row.attempt,
    lostAttempts: row.lost_attempts,
    locale: row.locale,
    isCancelRequested: row.cancelled,
    isChannelEnabled: row.channel_enabled,
    pause: row.pause,
    agent: row.kind === null ? null : { ...agentOf(row), kind: row.kind },
  };
}

const agentOf = (row: ClaimRow): Omit<ClaimedAgent, 'kind'> => ({
  id: row.agent_id,
  instructions: row.instructions ?? '',
  timeoutSeconds: row.limits?.timeoutSeconds ?? null,
  maxSteps: row.limits?.maxSteps ?? null,
  tools: row.tools ?? [],
  showsReasoning: row.show_reasoning,
  endpoint:
    row.endpoint_url === null
      ? null
      : {
          url: row.endpoint_url,
          secret: row.endpoint_secret,
          isTrustedAddress: row.endpoint_trusted,
        },
  model: toModelAccess(row),
  fallbackModelId: row.fallback_model_id,
});
