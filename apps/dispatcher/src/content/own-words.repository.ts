import { Injectable } from '@nestjs/common';

import type { QuotedMessage } from '@common/domain';
import type { Tx } from '@common/persistence';

import type { LaneEvent } from '../inbound/lane-event';

/** What the bot itself said: the platform passes a quoted card on by its name, without its words (messaging reference §4.4). */
@Injectable()
export class OwnWords {
  /** The message with the words of the answer it quotes, where the platform left them out and they were said here. */
  async in(event: LaneEvent, tx: Tx): Promise<LaneEvent> {
    const { tenantId, channel, message } = event;
    const { quote } = message;
    if (!quote || !isNameless(quote)) return event;
    const [row] = await tx.query<{ text: string }>(SAID, [
      ...[tenantId, channel.id, quote.processQueryKey, message.conversation.id],
    ]);
    if (!row) return event;
    const sender = { ...quote.sender, isBot: true };
    const whole = { ...quote, sender, text: row.text, parts: [] };
    return { ...event, message: { ...message, quote: whole } };
  }
}

const isNameless = ({ processQueryKey, text }: QuotedMessage): boolean =>
  processQueryKey !== null && text === '';

const SAID = `
SELECT COALESCE(t.answer, d.text) AS text
  FROM delivery d LEFT JOIN turn t ON t.tenant_id = d.tenant_id AND t.id = d.turn_id
 WHERE d.tenant_id = $1 AND d.channel_id = $2 AND d.message_key = $3 AND d.target ->> 'conversationId' = $4
   AND COALESCE(t.answer, d.text) IS NOT NULL
 ORDER BY d.created_at DESC LIMIT 1`;
