import type { InboundMessage, Locale, SessionScope } from '@common/domain';

/** The next unprocessed message of a thread, with everything needed to decide what becomes of it. */
export interface LaneEvent {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
  readonly message: Omit<InboundMessage, 'replyWebhook'>;
  readonly receivedAt: Date;
  /** Sealed; it goes into the delivery as it is. */
  readonly replyWebhook: Buffer | null;
  readonly replyWebhookExpiresAt: Date | null;
  readonly channel: {
    readonly id: string;
    readonly name: string;
    readonly clientId: string;
    readonly robotCode: string | null;
    readonly enabled: boolean;
    readonly locale: Locale;
    readonly scope: SessionScope;
    readonly idleMinutes: number;
    /** The agent's version of this moment; the turn keeps it. */
    readonly agentVersionId: string | null;
  };
  readonly thread: {
    /** Null when the conversation shares the thread. */
    readonly memberId: string | null;
    readonly lastSeq: number;
    readonly session: {
      readonly id: string;
      readonly number: number;
      readonly lastActivityAt: Date;
    } | null;
  };
}
