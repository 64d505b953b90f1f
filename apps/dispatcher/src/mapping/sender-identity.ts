import type { MemberMapping, Sender } from '@common/domain';

export interface Identity {
  readonly kind: 'staff' | 'union' | 'opaque';
  /** Where the value is unique: the organisation, or the bot for opaque ids. */
  readonly realm: string;
  readonly value: string;
}

/** The best identity a sender has: staff id of the organisation, else union id, else the bot's own opaque id (C52). */
export function identityOf(
  sender: Sender,
  channelId: string,
  mapping?: Pick<MemberMapping, 'mode'>,
): Identity {
  const realm = sender.corpId ?? channelId;
  const union = sender.unionId
    ? ({ kind: 'union', realm: 'dingtalk', value: sender.unionId } as const)
    : null;
  if (mapping?.mode === 'union_id' && union) return union;
  if (sender.staffId) return { kind: 'staff', realm, value: sender.staffId };
  return union ?? { kind: 'opaque', realm: channelId, value: sender.opaqueId ?? 'unknown' };
}

/** The same as one text. NUL stands in no platform id. */
export function identityKey(sender: Sender, channelId: string): string {
  const { kind, realm, value } = identityOf(sender, channelId);
  return JSON.stringify([kind, realm, value]);
}
