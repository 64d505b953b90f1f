import { Injectable } from '@nestjs/common';

import { storableText } from '@common/kernel';
import { Database } from '@common/persistence';

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

/** What is known beyond the newest words, and the summaries that are made of the older ones. */
@Injectable()
export class ContextRepository {
  constructor(private readonly database: Database) {}

  /** One look: memories that may be told here, and the session's summary. */
  async past(turn: ClaimedTurn): Promise<Past> {
    const [row] = await this.database.inTenantOnce<{
      memories: string[];
      summary: string | null;
      up_to_seq: string | null;
    }>(turn.tenantId, { name: 'context.past', text: PAST }, [
      turn.tenantId,
      turn.sessionId,
      turn.memberId,
      turn.isDirect,
    ]);
    return {
      memories: row?.memories ?? [],
      summary: row?.summary ?? null,
      summarisedSeq: Number(row?.up_to_seq ?? 0),
    };
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

const PAST = `
SELECT ARRAY(
         SELECT m.text FROM member_memory m
          WHERE m.tenant_id = $1 AND m.member_id = $3 AND ($4 OR m.shared OR m.origin = 'group')
          ORDER BY m.created_at, m.id LIMIT 50) AS memories,
       s.text AS summary, s.up_to_seq
  FROM (SELECT 1) one LEFT JOIN session_summary s ON s.tenant_id = $1 AND s.session_id = $2`;

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
