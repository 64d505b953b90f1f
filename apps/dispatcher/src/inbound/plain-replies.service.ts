import { Injectable } from '@nestjs/common';

import { derivedId } from '@common/kernel';
import type { Tx, Work } from '@common/persistence';

import { targetOf } from './delivery-target';
import type { LaneEvent } from './lane-event';
import { ThreadLaneRepository } from './thread-lane.repository';

/** Replies that need no agent: commands and refusals. Each is a delivery of its event, exactly once, beside the turns. */
@Injectable()
export class PlainReplies {
  constructor(private readonly lane: ThreadLaneRepository) {}

  async reply(event: LaneEvent, cause: string, text: string, tx: Tx): Promise<Work> {
    const id = derivedId('reply', event.id);
    await tx.query(
      `INSERT INTO delivery (id, tenant_id, channel_id, event_id, text, locale, target, reply_webhook,
                             reply_webhook_expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
      [
        id,
        event.tenantId,
        event.channel.id,
        event.id,
        text,
        event.channel.locale,
        JSON.stringify(targetOf(event)),
        event.replyWebhook,
        event.replyWebhookExpiresAt,
      ],
    );
    await this.lane.close(tx, event.tenantId, event.id, cause);
    return { delivery: { id, wake: 0 } };
  }
}
