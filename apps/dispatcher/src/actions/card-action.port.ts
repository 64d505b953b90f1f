import type { Locale, TurnState } from '@common/domain';
import type { Tx } from '@common/persistence';
import type { z } from 'zod';

import type { EventEnd } from '../loose/loose-event';

/** A click whose card, turn and right to click were found in order. */
export interface CardClick<P> {
  readonly eventId: string;
  readonly tenantId: string;
  readonly channel: { readonly id: string; readonly enabled: boolean; readonly locale: Locale };
  readonly deliveryId: string;
  /** Read under its thread's row lock, which the transaction holds. */
  readonly turn: {
    readonly id: string;
    readonly threadId: string;
    readonly sessionId: string;
    /** Who asked. */
    readonly memberId: string;
    readonly agentVersionId: string | null;
    readonly state: TurnState;
    readonly attempt: number;
  };
  readonly clicker: {
    /** Null: an administrator of the organisation who has never talked with a bot. */
    readonly memberId: string | null;
    readonly isAsker: boolean;
  };
  /** As `params` parsed them. */
  readonly params: P;
}

/**
 * What one button means. Add a class here beside the others and name it in `card-actions.ts`. Only the asker or an
 * administrator gets as far as `apply`.
 */
export abstract class CardActionHandler<P = unknown> {
  /** The action as the template calls it, without numeric suffix: `stop`. */
  abstract readonly action: string;
  /** The template's parameters; a click that does not fit is ignored. */
  abstract readonly params: z.ZodType<P>;

  /** One transaction with the end of the event: called once however often the click comes. No network in here. */
  abstract apply(click: CardClick<P>, tx: Tx): Promise<EventEnd>;
}
