import type { InboundMessage, Sender } from '@common/domain';

export const aSender = (overrides: Partial<Sender> = {}): Sender => ({
  staffId: 'staff-1',
  unionId: 'union-1',
  opaqueId: '$:LWCP_v1:$opaque',
  name: 'Ada',
  corpId: 'dingcorp',
  ...overrides,
});

/** A question of a person alone with the bot. */
export const anInboundMessage = (overrides: Partial<InboundMessage> = {}): InboundMessage => ({
  messageId: 'msg-1',
  conversation: { id: 'cid-1', kind: 'direct', title: null },
  sender: aSender(),
  robotCode: 'robot-1',
  corpId: 'dingcorp',
  contentType: 'text',
  text: 'What time is it?',
  sentAtMs: Date.UTC(2025, 0, 1),
  replyWebhook: null,
  quotaNotice: null,
  ...overrides,
});
