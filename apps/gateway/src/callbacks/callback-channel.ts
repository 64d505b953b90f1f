import type { Secret } from '@common/config';
import type { EventKeys } from '@common/dingtalk';

import type { IntakeChannel } from '../intake/intake.pipeline';

/** A channel as its callbacks need it: who may sign for it. */
export interface CallbackChannel extends IntakeChannel {
  /** The client secret; while it is being replaced, the one before and the one after it, too. */
  readonly appSecrets: readonly Secret[];
  /** None: events over HTTP are not set up. */
  readonly eventKeys: readonly EventKeys[];
  /** None: card actions over HTTP are not set up. */
  readonly cardSecrets: readonly Secret[];
  /** The organisation it is bound to; null: none. */
  readonly corpId: string | null;
  /** Organisations that may be the owner of its events. */
  readonly corpIds: readonly string[];
}

/** Where a callback came to: the last part of its path. */
export type CallbackWay = 'events' | 'messages' | 'cards';

/** One callback, as far as it is known before its body is read. */
export interface CallbackRequest {
  readonly channelId: string;
  readonly way: CallbackWay;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: URLSearchParams;
}
