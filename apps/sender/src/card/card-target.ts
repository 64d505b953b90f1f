import type { CardTarget } from '@common/dingtalk';
import type { DeliveryTarget } from '@common/persistence';

/** The space of a card: where the question came from; in a group the asker is mentioned. */
export function cardTargetOf({
  kind,
  conversationId,
  staffId,
  name,
  robotCode,
}: DeliveryTarget): CardTarget {
  if (kind === 'direct') return { kind, userId: staffId ?? '', robotCode };
  const mention = staffId ? { userId: staffId, name: name ?? staffId } : undefined;
  return { kind, conversationId, robotCode, mention };
}
