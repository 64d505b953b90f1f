import type { CardAction, PlatformEvent } from '@common/dingtalk';
import type { Locale } from '@common/domain';

import type { Aftermath } from '../inbound/follow-up.service';

/** The channel of an event that belongs to no thread. */
export interface LooseChannel {
  readonly id: string;
  readonly name: string;
  readonly clientId: string;
  readonly robotCode: string | null;
  readonly enabled: boolean;
  readonly locale: Locale;
}

interface Loose {
  readonly id: string;
  readonly tenantId: string;
  readonly receivedAt: Date;
  readonly channel: LooseChannel;
}

export interface LooseClick extends Loose {
  readonly kind: 'card_action';
  readonly content: CardAction;
}
export interface LoosePlatformEvent extends Loose {
  readonly kind: 'event';
  readonly content: PlatformEvent;
}

/** Something that came in and waits behind nothing: a click on a card, an event of the organisation or a group. */
export type LooseEvent = LooseClick | LoosePlatformEvent;

/** How an event ended: why, for its row, and what is left to do after the commit. */
export interface EventEnd {
  readonly cause: string;
  /** The turn it made or touched. */
  readonly turnId?: string | undefined;
  readonly aftermath?: Aftermath | undefined;
}
