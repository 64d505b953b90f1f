import { Injectable } from '@nestjs/common';

import { KeyedBatches, storableText } from '@common/kernel';
import { Database, isPassingFailure } from '@common/persistence';

import type { Usage } from '../agents/usage-tally';
import type { MessageItem } from '../attachments/attachment';
import type { ClaimedTurn } from '../generation/claimed-turn';

export interface Past {
  readonly memories: readonly string[];
  readonly summary: string | null;
  /** Turns up to this one are in the summary. */
  readonly summarisedSeq: number;
}

/** A message of the session with its turn's place. */
export interface SessionMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly seq: number;
  /** What it was made of; none: only words. */
  readonly parts: readonly MessageItem[];
}

export interface Told {
  readonly past: Past;
  /** Oldest first, this turn's words last. Turns without an answer are left out. */
  readonly recent: readonly SessionMessage[];
}

interface Look {
  readonly turn: ClaimedTurn;
  readonly limit: number;
}

interface ToldRow {
  /** The place of the look. */
  n: number;
  memories: string[];
  summary: string | null;
  up_to_seq: string | null;
  /** Newest first; null without any. */
  messages:
    | readonly (Omit<SessionMessage, 'parts'> & {
        readonly turn: string;
        readonly parts: SessionMessage['parts'] | null;
      })[]
    | null;
}

/** What is known beyond the newest words, and the summaries that are made of the older ones. */
@Injectable()
export class ContextRepository {
  /** What is asked while others wait for their answer is asked together. */
  private readonly looks = new KeyedBatches<Look, Told>(
    (tenantId, looks) => this.tell(tenantId, looks),
    { width: 2, most: 20, isOfAll: isPassingFailure },
  );

  constructor(private readonly database: Database) {}

  /** One look: the session's newest messages, at most so many, its summary, and memories that may be told here. */
  told(turn: ClaimedTurn, limit: number): Promise<Told> {
    return this.looks.add(turn.tenantId, { turn, limit });
  }

  private async tell(tenantId: string, looks: readonly Look[]): Promise<Told[]> {
    const rows = await this.database.inTenantOnce<ToldRow>(
      tenantId,
      { name: 'context.told', text: TOLD },
      [
        tenantId,
        JSON.stringify(looks.map(({ turn, limit }, n) => ({ ...placeOf(turn), most: limit, n }))),
      ],
    );
    return looks.map(({ turn }, place) => {
      const row = rows.find(({ n }) => n === place);
      return {
        past: {
          memories: row?.memories ?? [],
          summary: row?.summary ?? null,
          summarisedSeq: Number(row?.up_to_seq ?? 0),
        },
        recent: recentOf(row?.messages ?? [], turn.id),
      };
    });
  }

  /** Keeps a summary unless a newer one is there. Its cost is the tenant's, and no person's. */
  async keep(
    turn: ClaimedTurn,
    summary: { readonly text: string; readonly upToSeq: number },
    used: { readonly usage: Usage | null; readonly modelId: string | null },
  ): Promise<void> {
    await this.database.inTenantOnce(turn.tenantId, KEEP, [
      ...[turn.tenantId, turn.sessionId, summary.upToSeq, storableText(summary.text)],
      ...[turn.channelId, turn.memberId, used.modelId, used.usage?.inputTokens ?? 0],
      ...[used.usage?.outputTokens ?? 0, used.usage?.cost ?? 0],
    ]);
  }
}

const TOLD = `
SELECT x.n, ARRAY(
         SELECT m.text FROM member_memory m
          WHERE m.tenant_id = $1 AND m.member_id = x.member AND (x.direct OR m.shared OR m.origin = 'group')
          ORDER BY m.created_at, m.id LIMIT 50) AS memories,
       (SELECT s.text FROM session_summary s WHERE s.tenant_id = $1 AND s.session_id = x.session) AS summary,
       (SELECT s.up_to_seq FROM session_summary s WHERE s.tenant_id = $1 AND s.session_id = x.session) AS up_to_seq,
       (SELECT json_agg(json_build_object('role', h.role, 'text', h.text, 'turn', h.turn_id, 'seq', h.turn_seq, 'parts', h.parts))
          FROM (SELECT role, text, turn_id, turn_seq, parts FROM message
                 WHERE tenant_id = $1 AND session_id = x.session AND turn_seq <= x.seq
                 ORDER BY turn_seq DESC, role ASC, id DESC LIMIT x.most) h) AS messages
  FROM jsonb_to_recordset($2::jsonb) AS x (n integer, session uuid, member uuid, direct boolean, seq bigint, most integer)`;

const placeOf = (turn: ClaimedTurn): object => ({
  session: turn.sessionId,
  member: turn.memberId,
  direct: turn.isDirect,
  seq: turn.seq,
});

const KEEP = `
WITH kept AS (
  INSERT INTO session_summary (tenant_id, session_id, up_to_seq, text) VALUES ($1, $2, $3, $4)
  ON CONFLICT (session_id) DO UPDATE SET up_to_seq = $3, text = $4, updated_at = now()
   WHERE session_summary.up_to_seq < $3
)
INSERT INTO usage_day AS u (tenant_id, day, channel_id, member_id, model_id, input_tokens, output_tokens, cost)
VALUES ($1, (now() AT TIME ZONE 'Asia/Shanghai')::date, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant_id, day, channel_id, member_id, COALESCE(model_id, '00000000-0000-0000-0000-000000000000'))
DO UPDATE SET input_tokens = u.input_tokens + $8, output_tokens = u.output_tokens + $9, cost = u.cost + $10`;

function recentOf(newestFirst: NonNullable<ToldRow['messages']>, turnId: string): SessionMessage[] {
  const answered = new Set(
    newestFirst.filter(({ role }) => role === 'assistant').map(({ turn }) => turn),
  );
  return newestFirst
    .filter(({ turn }) => turn === turnId || answered.has(turn))
    .toReversed()
    .map(({ role, text, seq, parts }) => ({ role, text, seq, parts: parts ?? [] }));
}
