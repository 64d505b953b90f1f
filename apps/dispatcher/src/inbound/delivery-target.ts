import type { DeliveryTarget } from '@common/persistence';

import type { LaneEvent } from './lane-event';

/** Where the answer to an event goes: back to where it came from. */
export function targetOf({
  message,
  channel,
}: {
  readonly message: LaneEvent['message'];
  readonly channel: Pick<LaneEvent['channel'], 'clientId' | 'robotCode'>;
}): DeliveryTarget {
  return {
    kind: message.conversation.kind,
    conversationId: message.conversation.id,
    staffId: message.sender.staffId,
    name: message.sender.name,
    robotCode: message.robotCode ?? channel.robotCode ?? channel.clientId,
  };
}
