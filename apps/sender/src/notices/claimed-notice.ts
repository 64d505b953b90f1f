import type { Locale, NoticeContent, NoticeKind, RecipientState } from '@common/domain';

import type { Caller } from '../platform/platform-calls.service';

/** A notice that this process owns for one attempt. */
export interface ClaimedNotice {
  readonly id: string;
  readonly tenantId: string;
  readonly channelId: string;
  readonly attempt: number;
  /** Raised by whoever wants something of the notice: what came meanwhile is seen by it. */
  readonly wake: number;
  readonly kind: NoticeKind;
  readonly content: NoticeContent;
  readonly locale: Locale;
  readonly robotCode: string;
  /** The line under what an AI wrote; null for none. */
  readonly mark: string | null;
  /** Why nothing can be sent now: nothing more is tried; null when all is well. */
  readonly obstacle: string | null;
  readonly caller: Caller;
}

export interface Recipient {
  readonly id: string;
  /** Staff id or open conversation id. */
  readonly address: string;
}

/** Recipients that go in one call. */
export interface Parcel {
  readonly id: string;
  readonly kind: 'person' | 'group';
  /** An earlier call for the same people had an unknown outcome. */
  readonly isRepeated: boolean;
  readonly recipients: readonly Recipient[];
}

/** What became of a recipient; `later`: the platform wants this person left alone for a while. */
export interface RecipientEnd {
  readonly id: string;
  readonly state: Exclude<RecipientState, 'pending' | 'sending' | 'cancelled'> | 'later';
  readonly code: string | null;
}
