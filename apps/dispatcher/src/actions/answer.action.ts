import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { decideToolCall, type Tx } from '@common/persistence';

import type { EventEnd } from '../loose/loose-event';
import { type CardClick, CardActionHandler } from './card-action.port';

const words = z.union([z.string(), z.number()]).transform(String);
/** Buttons send the `value` they stand for; inputs and forms their first field of words. */
const params = z
  .looseObject({ value: words.optional(), form: z.record(z.string(), z.unknown()).optional() })
  .transform(({ value, form = {} }) => ({
    words: value ?? Object.values(form).find((one) => typeof one === 'string') ?? '',
  }));
type Params = z.output<typeof params>;

/** Answers what the agent asked the person, by a button for a choice or an input. The asker alone: it is their answer. */
@Injectable()
export class AnswerAction extends CardActionHandler<Params> {
  readonly action = 'answer';
  readonly params = params;

  async apply({ tenantId, turn, clicker, params }: CardClick<Params>, tx: Tx) {
    if (!clicker.isAsker) return { cause: 'card_not_theirs', turnId: turn.id };
    const work = await decideToolCall(tx, tenantId, turn.id, params);
    if (!work) return { cause: 'card_nothing_to_answer', turnId: turn.id };
    return {
      cause: 'card_answer',
      turnId: turn.id,
      aftermath: { works: [work] },
    } satisfies EventEnd;
  }
}
