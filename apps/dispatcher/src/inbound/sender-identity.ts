import type { Sender } from '@common/domain';

export interface Identity {
  readonly kind: 'staff' | 'union' | 'opaque';
  /** Where the value is unique: the organisation, or the bot for opaque ids. */
  readonly realm: string;
  readonly value: string;
}

/** The best identity a sender has: staff id of the organisation, else union id, else the bot's own opaque id (C52). */
export function identityOf(sender: Sender, channelId: string): Identity {
  const realm = sender.corpId ?? channelId;
  if (sender.staffId) return { kind: 'staff', realm, value: sender.staffId };
  if (sender.unionId) return { kind: 'union', realm: 'dingtalk', value: sender.unionId };
  return { kind: 'opaque', realm: channelId, value: sender.opaqueId ?? 'unknown' };
}
