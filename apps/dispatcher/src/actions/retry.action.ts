import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { reaskTurn, type Tx } from '@common/persistence';

import type { EventEnd } from '../loose/loose-event';
import { CardActionHandler, type CardClick } from './card-action.port';

const params = z.looseObject({});
type Params = z.output<typeof params>;
const ENDED = new Set(['delivered', 'failed', 'cancelled']);

/** Asks the card's question again, in a card of its own. Clicked twice while the retry runs, it is one retry. */
@Injectable()
export class RetryAction extends CardActionHandler<Params> {
  readonly action = 'retry';
  readonly params = params;

  async apply({ tenantId, turn, channel }: CardClick<Params>, tx: Tx): Promise<EventEnd> {
    if (!channel.enabled) return { cause: 'card_channel_disabled', turnId: turn.id };
    if (!ENDED.has(turn.state)) return { cause: 'card_turn_running', turnId: turn.id };
    const { turnId, isNew, work } = await reaskTurn(tx, tenantId, turn.id);
    return isNew
      ? { cause: 'card_retry', turnId, aftermath: { works: [work] } }
      : { cause: 'card_retry_running', turnId };
  }
}
