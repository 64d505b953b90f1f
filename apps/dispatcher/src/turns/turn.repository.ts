import { Injectable } from '@nestjs/common';

import type { TurnState } from '@common/domain';
import { derivedId } from '@common/kernel';
import type { DeliveryTarget, Tx, Work } from '@common/persistence';

import { targetOf } from '../inbound/delivery-target';
import type { Attachment } from '../content/attachments';
import type { LaneEvent } from '../inbound/lane-event';
import type { Route } from '../routing/route';

/** Where a question goes: a turn of its own, or the one that waits already, with so many messages in it. */
export type TurnPlace =
  | { readonly kind: 'own' }
  | {
      readonly kind: 'waiting';
      readonly turnId: string;
      readonly messages: number;
      /** Files that came with them. */
      readonly files: number;
    };

/** What goes into a turn. */
export interface QuestionContent {
  /** What the agent reads. */
  readonly words: string;
  /** What the message is made of: the JSON of `message.parts`. */
  readonly parts: readonly MessageItem[];
  /** What is to be fetched. */
  readonly files: readonly NewFile[];
}

/** `text`: somebody wrote, quoted or forwarded words. Else a file, by its row. */
export type MessageItem =
  | { readonly type: 'text' }
  | {
      readonly type: Attachment['kind'];
      readonly fileId: string;
      readonly n: number;
      readonly name: string | null;
    };

export interface NewFile extends Attachment {
  readonly id: string;
}

export interface OpenedTurn {
  /** Those that are to be fetched now. */
  readonly files: readonly string[];
  /** Null: it is not active. */
  readonly work: Work | null;
}

interface OpenedRow {
  wanted: string[] | null;
  state: TurnState;
}

/** Turns as the dispatcher writes them. The caller holds the thread's row lock. */
@Injectable()
export class TurnRepository {
  /** The turn is active at once where nothing is open in its thread and nothing waits; else it waits for its turn. */
  async open(
    tx: Tx,
    event: LaneEvent,
    turn: {
      readonly turnId: string;
      readonly sessionId: string;
      readonly memberId: string;
      readonly route: Route;
    } & QuestionContent,
  ): Promise<OpenedTurn> {
    const { tenantId, threadId, thread, channel } = event;
    const { turnId, sessionId, memberId, route, words, parts, files } = turn;
    const deliveryId = derivedId('delivery', turnId);
    const [row] = await tx.query<OpenedRow>({ name: 'turn.open', text: OPEN }, [
      ...[tenantId, turnId, channel.id, threadId, sessionId, memberId, route.agentVersionId],
      ...[thread.lastSeq + 1, channel.locale, derivedId('message', event.id), words],
      ...[deliveryId, JSON.stringify(targetOf(event))],
      ...[event.replyWebhook, event.replyWebhookExpiresAt, event.id, event.receivedAt],
      ...[route.modelId, JSON.stringify(parts), JSON.stringify(files.map(rowOf))],
    ]);
    const work = { turn: { id: turnId, wake: 0 }, delivery: { id: deliveryId, wake: 0 } };
    return { files: row?.wanted ?? [], work: row?.state === 'active' ? work : null };
  }

  /** The last turn of this person and session that waits behind another. */
  async waitingTurn(
    tx: Tx,
    { tenantId, threadId }: LaneEvent,
    memberId: string,
    sessionId: string,
  ): Promise<TurnPlace> {
    const [row] = await tx.query<{ id: string; messages: number; files: number }>(
      { name: 'turn.waiting', text: WAITING },
      [tenantId, threadId, memberId, sessionId],
    );
    if (!row) return { kind: 'own' };
    return { kind: 'waiting', turnId: row.id, messages: row.messages, files: row.files };
  }

  /** Merges a message into a turn that nobody has begun with; its answer goes to where the newest message came from. */
  async add(
    tx: Tx,
    event: LaneEvent,
    turn: { readonly turnId: string; readonly sessionId: string } & QuestionContent,
  ): Promise<string[]> {
    const rows = await tx.query<{ wanted: string[] | null }>({ name: 'turn.add', text: ADD }, [
      ...[event.tenantId, turn.turnId, turn.words, event.id, event.receivedAt, turn.sessionId],
      ...[event.replyWebhook, event.replyWebhookExpiresAt],
      ...[JSON.stringify(turn.parts), JSON.stringify(turn.files.map(rowOf))],
    ]);
    return rows[0]?.wanted ?? [];
  }

  /** Sends the answer of a turn that was just opened elsewhere. */
  async redirect(tx: Tx, event: LaneEvent, turnId: string, target: DeliveryTarget): Promise<void> {
    await tx.query(
      `UPDATE delivery SET target = $3, reply_webhook = $4, reply_webhook_expires_at = $5
        WHERE tenant_id = $1 AND turn_id = $2 AND state = 'open' AND owner IS NULL`,
      [
        ...[event.tenantId, turnId, JSON.stringify(target)],
        ...[event.replyWebhook, event.replyWebhookExpiresAt],
      ],
    );
  }
}

const rowOf = ({ id, n, kind, name, downloadCode }: NewFile): object => ({
  ...{ id, n, kind, name, code: downloadCode },
});

/**
 * Files are fetched only where the agent can make something of them: sounds and videos are for agents of other houses.
 * @param turn names the turn's row, `event` and `files` the parameters
 */
const newFiles = (turn: string, event: string, files: string): string => `
  INSERT INTO file (tenant_id, id, channel_id, member_id, event_id, turn_id, n, kind, name, download_code, state, settled_at)
  SELECT $1, f.id, t.channel_id, t.member_id, ${event}, t.id, f.n, f.kind, f.name, f.code,
         CASE WHEN fit THEN 'wanted' ELSE 'unwanted' END, CASE WHEN fit THEN NULL ELSE now() END
    FROM ${turn} t CROSS JOIN jsonb_to_recordset(${files}::jsonb) AS f (id uuid, n int, kind text, name text, code text)
    LEFT JOIN agent_version v ON v.tenant_id = $1 AND v.id = t.agent_version_id
    CROSS JOIN LATERAL (SELECT f.kind IN ('picture', 'file') OR COALESCE(v.kind IN ('http', 'dify'), false) AS fit) fits
  RETURNING id, state`;
const WANTED = `(SELECT array_agg(id) FROM files WHERE state = 'wanted') AS wanted`;

/**
 * Turn, words, files, delivery, checkpoints and the event's end: one statement, one round trip. The thread was locked by an
 * earlier one, so what this one sees in it stays true.
 */
const OPEN = `
WITH thread_now AS (
  SELECT NOT EXISTS (SELECT 1 FROM turn o WHERE o.thread_id = $4 AND o.state IN ('active', 'waiting', 'generated'))
     AND NOT EXISTS (SELECT 1 FROM turn q WHERE q.thread_id = $4 AND q.state = 'queued') AS is_free
), new_turn AS (
  INSERT INTO turn (tenant_id, id, channel_id, thread_id, session_id, member_id, agent_version_id, seq, locale, model_id,
                    state, activated_at)
  SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, version_for_session($1, $3, $5, $7), $8::bigint, $9, $18::uuid,
         CASE WHEN is_free THEN 'active' ELSE 'queued' END, CASE WHEN is_free THEN clock_timestamp() END
    FROM thread_now
  RETURNING id, channel_id, member_id, agent_version_id, state
), words AS (
  INSERT INTO message (tenant_id, id, session_id, turn_id, turn_seq, role, text, parts)
  VALUES ($1, $10, $5, $2, $8, 'user', $11, $19)
), files AS (${newFiles('new_turn', '$16', '$20')}
), answer AS (
  INSERT INTO delivery (tenant_id, id, channel_id, turn_id, locale, target, reply_webhook, reply_webhook_expires_at)
  VALUES ($1, $12, $3, $2, $9, $13, $14, $15)
), steps AS (
  INSERT INTO turn_step (tenant_id, turn_id, step)
  SELECT $1, id, s.step FROM new_turn CROSS JOIN (VALUES ('queued'), ('activated')) AS s (step)
   WHERE s.step = 'queued' OR state = 'active'
), counted AS (
  UPDATE thread SET last_seq = $8 WHERE tenant_id = $1 AND id = $4
), touched AS (
  UPDATE session SET last_activity_at = GREATEST(last_activity_at, $17) WHERE tenant_id = $1 AND id = $5
)
UPDATE inbound_event SET state = 'processed', processed_at = now(), turn_id = $2, cause = 'question'
 WHERE tenant_id = $1 AND id = $16 AND state = 'pending' RETURNING ${WANTED}, (SELECT n.state FROM new_turn n) AS state`;

const WAITING = `
SELECT t.id, (SELECT count(*)::int FROM inbound_event e WHERE e.turn_id = t.id) AS messages,
       (SELECT count(*)::int FROM file f WHERE f.turn_id = t.id) AS files
  FROM turn t
 WHERE t.tenant_id = $1 AND t.thread_id = $2 AND t.state = 'queued' AND t.member_id = $3 AND t.session_id = $4
 ORDER BY t.seq DESC LIMIT 1`;

const ADD = `
WITH words AS (
  UPDATE message SET text = concat_ws(E'\\n\\n', NULLIF(text, ''), NULLIF($3, '')), parts = COALESCE(parts, '[]') || $9::jsonb
   WHERE tenant_id = $1 AND turn_id = $2 AND role = 'user'
), files AS (${newFiles('(SELECT id, channel_id, member_id, agent_version_id FROM turn WHERE tenant_id = $1 AND id = $2)', '$4', '$10')}
), answer AS (
  UPDATE delivery SET reply_webhook = COALESCE($7, reply_webhook),
         reply_webhook_expires_at = COALESCE($8, reply_webhook_expires_at)
   WHERE tenant_id = $1 AND turn_id = $2 AND state = 'open'
), steps AS (
  INSERT INTO turn_step (tenant_id, turn_id, step, detail)
  VALUES ($1, $2, 'collected', jsonb_build_object('eventId', $4::uuid))
), touched AS (
  UPDATE session SET last_activity_at = GREATEST(last_activity_at, $5) WHERE tenant_id = $1 AND id = $6
)
UPDATE inbound_event SET state = 'processed', processed_at = now(), turn_id = $2, cause = 'question_collected'
 WHERE tenant_id = $1 AND id = $4 AND state = 'pending' RETURNING ${WANTED}`;
