import { Injectable } from '@nestjs/common';

import { derivedId } from '@common/kernel';
import { activateNext, type Tx, type Work } from '@common/persistence';

import { targetOf } from './delivery-target';
import type { LaneEvent } from './lane-event';
import { MemberResolver } from './member-resolver.service';

/** Opens turns. One message is in exactly one turn (P2): its id is derived from the event's. */
@Injectable()
export class TurnBook {
  constructor(private readonly members: MemberResolver) {}

  async open(event: LaneEvent, sessionId: string, tx: Tx): Promise<Work> {
    const { tenantId, threadId, thread, channel, message } = event;
    const memberId =
      thread.memberId ?? (await this.members.resolve(tx, tenantId, channel.id, message.sender));
    const turnId = derivedId('turn', event.id);
    await tx.query({ name: 'turn.open', text: OPEN }, [
      tenantId,
      turnId,
      channel.id,
      threadId,
      sessionId,
      memberId,
      channel.agentVersionId,
      thread.lastSeq + 1,
      channel.locale,
      derivedId('message', event.id),
      message.text,
      derivedId('delivery', turnId),
      JSON.stringify(targetOf(event)),
      event.replyWebhook,
      event.replyWebhookExpiresAt,
      event.id,
      event.receivedAt,
    ]);
    return activateNext(tx, tenantId, threadId);
  }
}

/** Turn, words, delivery, checkpoints and the event's end: one statement, one round trip. */
const OPEN = `
WITH new_turn AS (
  INSERT INTO turn (tenant_id, id, channel_id, thread_id, session_id, member_id, agent_version_id, seq, locale)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
), words AS (
  INSERT INTO message (tenant_id, id, session_id, turn_id, turn_seq, role, text)
  VALUES ($1, $10, $5, $2, $8, 'user', $11)
), answer AS (
  INSERT INTO delivery (tenant_id, id, channel_id, turn_id, locale, target, reply_webhook, reply_webhook_expires_at)
  VALUES ($1, $12, $3, $2, $9, $13, $14, $15)
), steps AS (
  INSERT INTO turn_step (tenant_id, turn_id, at, step)
  VALUES ($1, $2, $17, 'received'), ($1, $2, clock_timestamp(), 'queued')
), counted AS (
  UPDATE thread SET last_seq = $8 WHERE tenant_id = $1 AND id = $4
), touched AS (
  UPDATE session SET last_activity_at = GREATEST(last_activity_at, $17) WHERE tenant_id = $1 AND id = $5
)
UPDATE inbound_event SET state = 'processed', processed_at = now(), turn_id = $2, cause = 'question'
 WHERE tenant_id = $1 AND id = $16 AND state = 'pending'`;
