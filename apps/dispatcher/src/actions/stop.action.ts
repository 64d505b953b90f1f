import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { askTurnToStop, endQueuedTurn, type Tx } from '@common/persistence';

import type { EventEnd } from '../loose/loose-event';
import { CardActionHandler, type CardClick } from './card-action.port';

const params = z.looseObject({});
type Params = z.output<typeof params>;

/** Stops the answer in the card: what is there stays, marked as stopped. One that has not begun never does. */
@Injectable()
export class StopAction extends CardActionHandler<Params> {
  readonly action = 'stop';
  readonly params = params;

  async apply({ tenantId, turn }: CardClick<Params>, tx: Tx): Promise<EventEnd> {
    if (turn.state === 'queued') {
      await endQueuedTurn(tx, tenantId, turn.id, 'card');
      return { cause: 'card_stop', turnId: turn.id };
    }
    const isAsked = await askTurnToStop(tx, tenantId, turn.id, 'card');
    return isAsked
      ? { cause: 'card_stop', turnId: turn.id, aftermath: { stoppedTurnIds: [turn.id] } }
      : { cause: 'card_turn_ended', turnId: turn.id };
  }
}
