import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { derivedId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { EventEnd } from '../loose/loose-event';
import { CardActionHandler, type CardClick } from './card-action.port';

const params = z.looseObject({ value: z.enum(['up', 'down']) });
type Params = z.output<typeof params>;

/** 👍 or 👎 under an answer, kept with its turn and who gave it. The last click of a person counts. */
@Injectable()
export class FeedbackAction extends CardActionHandler<Params> {
  readonly action = 'feedback';
  readonly params = params;

  async apply(
    { tenantId, channel, turn, clicker, params }: CardClick<Params>,
    tx: Tx,
  ): Promise<EventEnd> {
    const { memberId } = clicker;
    if (memberId === null) return { cause: 'card_not_theirs', turnId: turn.id };
    const { value } = params;
    await tx.query(TAKE_BACK, [tenantId, turn.id, memberId, value === 'up' ? 'down' : 'up']);
    await tx.query(SAY, [
      derivedId('feedback', turn.id, memberId, value),
      tenantId,
      channel.id,
      turn.id,
      turn.agentVersionId,
      memberId,
      value,
    ]);
    return { cause: `card_feedback_${value}`, turnId: turn.id };
  }
}

const TAKE_BACK = `
DELETE FROM feedback WHERE tenant_id = $1 AND turn_id = $2 AND member_id = $3 AND kind = $4`;

const SAY = `
INSERT INTO feedback (id, tenant_id, channel_id, turn_id, agent_version_id, member_id, kind)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (turn_id, member_id, kind) DO UPDATE SET updated_at = now()`;
