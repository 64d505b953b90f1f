import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { askTurnToStop, endQueuedTurn, type Tx } from '@common/persistence';

import type { EventEnd, LoosePlatformEvent } from '../loose/loose-event';
import { PlatformEventHandler } from './platform-event.port';
import { RecalledMessageRepository } from './recalled-message.repository';

/** The references name `processQueryKey`; other spellings of a message's id were seen in neighbouring payloads. */
const recall = z
  .looseObject({
    processQueryKey: z.string(),
    msgId: z.string(),
    openMsgId: z.string(),
    originalMsgId: z.string(),
  })
  .partial();

/** Somebody took a question back: nobody needs its answer any more. */
@Injectable()
export class RecalledMessage extends PlatformEventHandler {
  readonly types = ['robot_msg_recall'];

  constructor(private readonly messages: RecalledMessageRepository) {
    super();
  }

  async apply({ tenantId, channel, content }: LoosePlatformEvent, tx: Tx): Promise<EventEnd> {
    const { data } = recall.safeParse(content.data);
    const ids = [data?.msgId, data?.openMsgId, data?.processQueryKey, data?.originalMsgId];
    const named = ids.filter((id) => id !== undefined);
    const message = await this.messages.lock(tx, tenantId, channel.id, named);
    if (!message) return { cause: 'recall_unknown' };

    if (message.state === 'pending') {
      await this.messages.takeBack(tx, tenantId, message.id);
      return { cause: 'recall_before_asked' };
    }
    const { turn } = message;
    if (!turn) return { cause: 'recall_without_turn' };
    // Other questions were merged with this one: their asker still wants the answer.
    if (turn.messages > 1) return { cause: 'recall_of_a_part', turnId: turn.id };
    if (turn.state === 'queued') {
      await endQueuedTurn(tx, tenantId, turn.id, 'recall');
      return { cause: 'recall', turnId: turn.id };
    }
    const isAsked = await askTurnToStop(tx, tenantId, turn.id, 'recall');
    return isAsked
      ? { cause: 'recall', turnId: turn.id, aftermath: { stoppedTurnIds: [turn.id] } }
      : { cause: 'recall_after_end', turnId: turn.id };
  }
}
