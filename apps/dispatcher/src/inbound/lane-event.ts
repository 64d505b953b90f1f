import type {
  AccessRules,
  BusyPolicy,
  ChoiceSettings,
  InboundMessage,
  Locale,
  MemberMapping,
  ServiceSettings,
  SessionScope,
  WelcomeSettings,
} from '@common/domain';

import type { AskerRow } from '../asking/asker-row';

/** The next unprocessed message of a thread, with everything needed to decide what becomes of it. */
export interface LaneEvent {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
  readonly message: Omit<InboundMessage, 'replyWebhook'>;
  readonly receivedAt: Date;
  /** Whether others wait behind it in its thread; one that comes later has a job of its own. */
  readonly hasMore: boolean;
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
    readonly mapping: MemberMapping;
    readonly busy: BusyPolicy;
    /** Null: what is stored cannot be read, so nobody gets in. */
    readonly access: AccessRules | null;
    readonly service: ServiceSettings;
    readonly welcome: WelcomeSettings;
    readonly choices: ChoiceSettings;
    readonly defaultAgentId: string | null;
    readonly defaultModelId: string | null;
    /** The default agent's version of this moment; the turn keeps it. */
    readonly agentVersionId: string | null;
    /** Whether some group or department is answered by another agent. */
    readonly hasOverrides: boolean;
  };
  readonly thread: {
    /** Null when the conversation shares the thread. */
    readonly memberId: string | null;
    /** What is known of that member; null when there is none. */
    readonly asker: AskerRow | null;
    readonly lastSeq: number;
    /** Whether a turn of it waits for somebody's answer. */
    readonly isAsked: boolean;
    readonly session: {
      readonly id: string;
      readonly number: number;
      readonly lastActivityAt: Date;
    } | null;
  };
}
