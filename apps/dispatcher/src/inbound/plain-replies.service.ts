import { Injectable } from '@nestjs/common';

import type { Locale } from '@common/domain';
import { derivedId } from '@common/kernel';
import type { DeliveryTarget, Tx, Work } from '@common/persistence';

import { targetOf } from './delivery-target';
import type { LaneEvent } from './lane-event';
import { ThreadLaneRepository } from './thread-lane.repository';

/** The event a plain reply belongs to, and where it goes. */
export interface ReplyOrigin {
  /** The event's id. */
  readonly id: string;
  readonly tenantId: string;
  readonly channelId: string;
  readonly locale: Locale;
  readonly target: DeliveryTarget;
  /** Sealed. */
  readonly replyWebhook: Buffer | null;
  readonly replyWebhookExpiresAt: Date | null;
}

/** Replies that need no agent: commands and refusals. Each is a delivery of its event, exactly once, beside the turns. */
@Injectable()
export class PlainReplies {
  constructor(private readonly lane: ThreadLaneRepository) {}

  /** Answers the event with a text, which is its end. */
  async reply(event: LaneEvent, cause: string, text: string, tx: Tx): Promise<Work> {
    const work = await this.note(originOf(event), text, tx);
    await this.lane.close(tx, event.tenantId, event.id, cause);
    return work;
  }

  /** Says something on the occasion of an event; whatever else it causes is another's business. At most once. */
  async note(origin: ReplyOrigin, text: string, tx: Tx): Promise<Work> {
    const id = derivedId('reply', origin.id);
    await tx.query(
      `INSERT INTO delivery (id, tenant_id, channel_id, event_id, text, locale, target, reply_webhook,
                             reply_webhook_expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
      [
        id,
        origin.tenantId,
        origin.channelId,
        origin.id,
        text,
        origin.locale,
        JSON.stringify(origin.target),
        origin.replyWebhook,
        origin.replyWebhookExpiresAt,
      ],
    );
    return { delivery: { id, wake: 0 } };
  }
}

export const originOf = (event: LaneEvent): ReplyOrigin => ({
  id: event.id,
  tenantId: event.tenantId,
  channelId: event.channel.id,
  locale: event.channel.locale,
  target: targetOf(event),
  replyWebhook: event.replyWebhook,
  replyWebhookExpiresAt: event.replyWebhookExpiresAt,
});
