const RECEIVED_AT_MS = Date.UTC(2025, 0, 1);

interface Frame {
  readonly type: 'EVENT' | 'CALLBACK';
  readonly topic: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: string;
  readonly receivedAtMs: number;
}

/** A push of the platform as the gateway gets it: a robot message (messaging reference §4.2) unless told otherwise. */
export const aFrame = (data: object = {}, overrides: Partial<Frame> = {}): Frame => ({
  type: 'CALLBACK',
  topic: '/v1.0/im/bot/messages/get',
  messageId: 'push-1',
  headers: {},
  data: JSON.stringify({
    msgId: 'msg-1',
    msgtype: 'text',
    text: { content: 'What time is it?' },
    conversationId: 'cid-1',
    conversationType: '1',
    senderStaffId: 'staff-1',
    senderNick: 'Ada',
    senderCorpId: 'dingcorp',
    chatbotCorpId: 'dingcorp',
    robotCode: 'robot-1',
    createAt: RECEIVED_AT_MS,
    sessionWebhook: 'https://oapi.dingtalk.com/robot/sendBySession?session=s3cret',
    sessionWebhookExpiredTime: RECEIVED_AT_MS + 5_400_000,
    ...data,
  }),
  receivedAtMs: RECEIVED_AT_MS,
  ...overrides,
});

/** An organisation or group event (messaging reference §2.2). */
export const anEventFrame = (headers: Record<string, string> = {}, data: object = {}): Frame =>
  aFrame(
    {},
    {
      type: 'EVENT',
      topic: '*',
      headers: { eventId: 'event-1', eventType: 'chat_update_title', ...headers },
      data: JSON.stringify(data),
    },
  );

/** A click on a card (messaging reference §6.8). */
export const aCardActionFrame = (overrides: Partial<Frame> = {}): Frame =>
  aFrame(
    {},
    {
      topic: '/v1.0/card/instances/callback',
      data: JSON.stringify({ outTrackId: 'card-1', userId: 'staff-1', content: '{}' }),
      ...overrides,
    },
  );
