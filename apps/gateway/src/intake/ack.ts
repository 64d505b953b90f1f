import type { FrameReply } from '@common/dingtalk';

import type { EventKind } from './journal-entry';

/** What the platform wants to hear (messaging reference §2.3). What a click causes follows by card update. */
export function ackOf(kind: EventKind): FrameReply {
  if (kind === 'event') return { code: 200, data: { status: 'SUCCESS', message: 'taken' } };
  if (kind === 'card_action') return { code: 200, data: { response: {} } };
  return { code: 200, data: { response: null } };
}
