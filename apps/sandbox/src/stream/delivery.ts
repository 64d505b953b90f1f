import { randomUUID } from 'node:crypto';
import type { PushFrame } from './frames';

/** `waiting`: no connection takes it yet. `given_up`: pushed too often. */
export type DeliveryState = 'waiting' | 'pushed' | 'acked' | 'refused' | 'given_up';

export interface Push {
  readonly messageId: string;
  readonly connectionId: string;
  readonly at: number;
  ackedAt?: number;
  ackCode?: number;
}

/** One thing to be brought to an app, however many pushes that takes. */
export class Delivery {
  readonly id = randomUUID();
  readonly createdAt = Date.now();
  readonly pushes: Push[] = [];
  state: DeliveryState = 'waiting';
  timer: NodeJS.Timeout | undefined;
  /** Card callbacks: told the ack, or undefined when it did not come in time. */
  onAck: ((ack: { code: number; data: unknown }) => void) | undefined;

  constructor(
    readonly clientId: string,
    readonly kind: 'robot' | 'event' | 'card',
    readonly type: PushFrame['type'],
    readonly topic: string,
    readonly data: string,
    /** msgId, eventId or outTrackId: what the control API shows. */
    readonly key: string,
    readonly extraHeaders: Readonly<Record<string, string>> = {},
  ) {}

  get isDone(): boolean {
    return this.state === 'acked' || this.state === 'refused' || this.state === 'given_up';
  }

  /** The frame of one push: a new messageId each time, the same data (C30). */
  frame(messageId: string, connectionId: string, appId: string, now: number): PushFrame {
    return {
      specVersion: '1.0',
      type: this.type,
      headers: {
        appId,
        connectionId,
        contentType: 'application/json',
        messageId,
        time: String(now),
        topic: this.topic,
        ...this.extraHeaders,
      },
      data: this.data,
    };
  }

  describe() {
    const { id, clientId, kind, key, state, createdAt, pushes } = this;
    return { id, clientId, kind, key, state, createdAt, pushes };
  }
}
