/** One push of the platform that wants an answer (messaging reference §2.2). */
export interface StreamFrame {
  readonly type: 'EVENT' | 'CALLBACK';
  readonly topic: string;
  /** Names this push, not the chat message in it: a redelivery has a new one. '' when the frame had none. */
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it came: a string that should hold JSON. */
  readonly data: string;
  /** Milliseconds since the epoch, by our clock. */
  readonly receivedAtMs: number;
  readonly connectionId?: string | undefined;
}

/** How a frame is acknowledged. `undefined`: not at all, so that the platform delivers it again. */
export type FrameReply =
  | {
      /** 200 taken, 404 nobody cares for this topic, 500 failed. */
      readonly code: number;
      /** Becomes the JSON text of the ack's `data`; unset: what the kind of frame expects (§2.3). */
      readonly data?: unknown;
    }
  | undefined;

export const ROBOT_MESSAGE_TOPIC = '/v1.0/im/bot/messages/get';
export const CARD_ACTION_TOPIC = '/v1.0/card/instances/callback';

export interface Subscription {
  readonly type: 'EVENT' | 'CALLBACK';
  readonly topic: string;
}

/** What a bot listens to. Other callback topics are answered with 404. */
export const subscriptions: readonly Subscription[] = [
  { type: 'EVENT', topic: '*' },
  { type: 'CALLBACK', topic: ROBOT_MESSAGE_TOPIC },
  { type: 'CALLBACK', topic: CARD_ACTION_TOPIC },
];
