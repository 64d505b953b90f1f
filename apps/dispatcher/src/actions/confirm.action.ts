import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { decideToolCall, type Tx } from '@common/persistence';

import type { EventEnd } from '../loose/loose-event';
import { CardActionHandler, type CardClick } from './card-action.port';

/** Templates send words: anything but a plain no is a yes, for the button itself says what it means. */
const params = z.looseObject({
  agree: z
    .union([z.boolean(), z.string()])
    .default(true)
    .transform((value) => ![false, 'false', '0', 'no', 'decline'].includes(value)),
});
type Params = z.output<typeof params>;

/** Agrees to what the agent wants to do, or declines it (`agree: "false"`). Only the asker may: it is done in their name. */
@Injectable()
export class ConfirmAction extends CardActionHandler<Params> {
  readonly action = 'confirm';
  readonly params = params;

  async apply({ tenantId, turn, clicker, params: { agree } }: CardClick<Params>, tx: Tx) {
    if (!clicker.isAsker) return { cause: 'card_not_theirs', turnId: turn.id };
    const work = await decideToolCall(tx, tenantId, turn.id, { agrees: agree });
    if (!work) return { cause: 'card_nothing_to_confirm', turnId: turn.id };
    const cause = agree ? 'card_confirm' : 'card_decline';
    return { cause, turnId: turn.id, aftermath: { works: [work] } } satisfies EventEnd;
  }
}
