import type { CardSettings, DeliveryWay, Locale, TextWay } from '@common/domain';
import type { DeliveryTarget } from '@common/persistence';

import type { Caller } from '../platform/platform-calls.service';

export type CardState =
  'creating' | 'open' | 'finalising' | 'finished' | 'refused' | 'debt' | 'abandoned';

/** A delivery that this process owns for one attempt. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly tenantId: string;
  readonly channelId: string;
  readonly attempt: number;
  readonly locale: Locale;
  readonly target: DeliveryTarget;
  /** The link to answer with; null when there is none or it is about to expire. */
  readonly replyWebhook: string | null;
  /** At the pace that the organisation can afford. */
  readonly card: CardSettings;
  /** No card, to save calls. */
  readonly asText: boolean;
  /** How a text may go, the better way first; none when no allowance is left. */
  readonly textWays: readonly TextWay[];
  /** What a card of this delivery was, in an earlier attempt or by the claim's own intent; null: text only. */
  readonly cardState: CardState | null;
  /** Null for a plain reply. */
  readonly turn: { readonly id: string; readonly attempt: number } | null;
  /** The text of a plain reply. */
  readonly text: string | null;
  /** The platform's id of the question that gets a reaction; null: none is wanted, or possible. */
  readonly reactTo: string | null;
  readonly caller: Caller;
}

/** How a delivery ended. */
export interface DeliveryEnd {
  readonly state: 'delivered' | 'undelivered';
  readonly way: DeliveryWay | null;
  readonly cardState: CardState | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}
