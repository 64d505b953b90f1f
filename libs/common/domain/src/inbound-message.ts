/** Where a chat takes place. `direct` is a person alone with the bot. */
export type ConversationKind = 'direct' | 'group';

/** The person who wrote. Outside people have no staff id (messaging reference §4.2). */
export interface Sender {
  readonly staffId: string | null;
  readonly unionId: string | null;
  /** Encrypted id of the platform: tells people apart within one bot, useful for nothing else. */
  readonly opaqueId: string | null;
  readonly name: string | null;
  readonly corpId: string | null;
}

/** A link that answers into the chat of one message for about 90 minutes. The URL is a secret. */
export interface ReplyWebhook {
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** What one robot message says, in our words; the adapter made it from the platform's frame. */
export interface InboundMessage {
  /** The platform's stable id of the chat message (`msgId`); the same in every redelivery. */
  readonly messageId: string;
  readonly conversation: {
    readonly id: string;
    readonly kind: ConversationKind;
    readonly title: string | null;
  };
  readonly sender: Sender;
  readonly robotCode: string | null;
  /** The organisation the bot belongs to. */
  readonly corpId: string | null;
  /** The platform's `msgtype`; unknown ones are kept as they are. */
  readonly contentType: string;
  /** The words an agent can read, trimmed; empty when the message has none. */
  readonly text: string;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly sentAtMs: number | null;
  readonly replyWebhook: ReplyWebhook | null;
  /** Present when the organisation's allowance is used up (§4.5): for operators, never a question. */
  readonly quotaNotice: { readonly code: string; readonly message: string } | null;
}
