import { Injectable } from '@nestjs/common';

import { derivedId } from '@common/kernel';
import type { DeliveryTarget, Tx } from '@common/persistence';

import { targetOf } from '../inbound/delivery-target';
import type { LaneEvent } from '../inbound/lane-event';
import type { Route } from '../routing/route';

/** Where a question goes: a turn of its own, or the one that waits already, with so many messages in it. */
export type TurnPlace =
  | { readonly kind: 'own' }
  | { readonly kind: 'waiting'; readonly turnId: string; readonly messages: number };

/** Turns as the dispatcher writes them. The caller holds the thread's row lock. */
@Injectable()
export class TurnRepository {
  async open(
    tx: Tx,
    event: LaneEvent,
    turn: {
      readonly turnId: string;
      readonly sessionId: string;
      readonly memberId: string;
      readonly route: Route;
      readonly words: string;
    },
  ): Promise<void> {
    const { tenantId, threadId, thread, channel } = event;
    const { turnId, sessionId, memberId, route, words } = turn;
    await tx.query({ name: 'turn.open', text: OPEN }, [
      ...[tenantId, turnId, channel.id, threadId, sessionId, memberId, route.agentVersionId],
      ...[thread.lastSeq + 1, channel.locale, derivedId('message', event.id), words],
      ...[derivedId('delivery', turnId), JSON.stringify(targetOf(event))],
      ...[event.replyWebhook, event.replyWebhookExpiresAt, event.id, event.receivedAt],
      route.modelId,
    ]);
  }

  /** The last turn of this person and session that waits behind another. */
  async waitingTurn(
    tx: Tx,
    { tenantId, threadId }: LaneEvent,
    memberId: string,
    sessionId: string,
  ): Promise<TurnPlace> {
    const [row] = await tx.query<{ id: string; messages: number }>(
      { name: 'turn.waiting', text: WAITING },
      [tenantId, threadId, memberId, sessionId],
    );
    return row ? { kind: 'waiting', turnId: row.id, messages: row.messages } : { kind: 'own' };
  }

  /** Merges a message into a turn that nobody has begun with; its answer goes to where the newest message came from. */
  async add(
    tx: Tx,
    event: LaneEvent,
    turn: { readonly turnId: string; readonly sessionId: string; readonly words: string },
  ): Promise<void> {
    await tx.query({ name: 'turn.add', text: ADD }, [
      ...[event.tenantId, turn.turnId, turn.words, event.id, event.receivedAt, turn.sessionId],
      ...[event.replyWebhook, event.replyWebhookExpiresAt],
    ]);
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

/** Turn, words, delivery, checkpoints and the event's end: one statement, one round trip. */
const OPEN = `
WITH new_turn AS (
  INSERT INTO turn (tenant_id, id, channel_id, thread_id, session_id, member_id, agent_version_id, seq, locale, model_id)
  VALUES ($1, $2, $3, $4, $5, $6, version_for_session($1, $3, $5, $7), $8, $9, $18)
), words AS (
  INSERT INTO message (tenant_id, id, session_id, turn_id, turn_seq, role, text)
  VALUES ($1, $10, $5, $2, $8, 'user', $11)
), answer AS (
  INSERT INTO delivery (tenant_id, id, channel_id, turn_id, locale, target, reply_webhook, reply_webhook_expires_at)
  VALUES ($1, $12, $3, $2, $9, $13, $14, $15)
), steps AS (
  INSERT INTO turn_step (tenant_id, turn_id, step) VALUES ($1, $2, 'queued')
), counted AS (
  UPDATE thread SET last_seq = $8 WHERE tenant_id = $1 AND id = $4
), touched AS (
  UPDATE session SET last_activity_at = GREATEST(last_activity_at, $17) WHERE tenant_id = $1 AND id = $5
)
UPDATE inbound_event SET state = 'processed', processed_at = now(), turn_id = $2, cause = 'question'
 WHERE tenant_id = $1 AND id = $16 AND state = 'pending'`;

const WAITING = `
SELECT t.id, (SELECT count(*)::int FROM inbound_event e WHERE e.turn_id = t.id) AS messages
  FROM turn t
 WHERE t.tenant_id = $1 AND t.thread_id = $2 AND t.state = 'queued' AND t.member_id = $3 AND t.session_id = $4
 ORDER BY t.seq DESC LIMIT 1`;

const ADD = `
WITH words AS (
  UPDATE message SET text = concat_ws(E'\\n\\n', NULLIF(text, ''), NULLIF($3, ''))
   WHERE tenant_id = $1 AND turn_id = $2 AND role = 'user'
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
 WHERE tenant_id = $1 AND id = $4 AND state = 'pending'`;
