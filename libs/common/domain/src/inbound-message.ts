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

/** Something in a message that can be fetched from the platform while its code lives (messaging reference §4.6). */
interface Downloadable {
  /** Null where the platform gave none, as it often does in quotes. */
  readonly downloadCode: string | null;
}

/** One piece of a message, in the order it was written (§4.3). */
export type MessagePart =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'mention'; readonly name: string | null } & MentionedPerson)
  | ({ readonly kind: 'picture' } & Downloadable)
  | ({
      readonly kind: 'audio';
      readonly durationMs: number | null;
      /** What the platform understood; null when it heard no words. */
      readonly recognition: string | null;
    } & Downloadable)
  | ({
      readonly kind: 'video';
      readonly durationMs: number | null;
      /** E.g. `mp4`. */
      readonly format: string | null;
    } & Downloadable)
  | ({
      readonly kind: 'file';
      readonly name: string | null;
      readonly fileId: string | null;
      readonly spaceId: string | null;
    } & Downloadable)
  /** A shared document or card of the platform; it opens in its client only. */
  | {
      readonly kind: 'document';
      readonly url: string | null;
      readonly fileId: string | null;
      readonly spaceId: string | null;
    }
  /** Forwarded messages of another chat. */
  | {
      readonly kind: 'chat_record';
      readonly title: string | null;
      readonly summary: string | null;
      readonly entries: readonly ChatRecordEntry[];
    }
  /** A type or item we do not know, by the platform's name of it. */
  | { readonly kind: 'unknown'; readonly type: string };

export interface ChatRecordEntry {
  readonly senderName: string | null;
  /** Milliseconds since the epoch. */
  readonly sentAtMs: number | null;
  readonly parts: readonly MessagePart[];
}

export interface MentionedPerson {
  readonly opaqueId: string | null;
  /** Null for people outside the organisation. */
  readonly staffId: string | null;
  readonly unionId: string | null;
  /** Whether it is the bot itself. */
  readonly isBot: boolean;
}

/** The message this one answers (§4.4), as far as the platform tells. */
export interface QuotedMessage {
  readonly messageId: string | null;
  /** Names the bot's own message where it was sent over the robot API; content is then often missing. */
  readonly processQueryKey: string | null;
  readonly contentType: string;
  readonly sender: {
    readonly opaqueId: string | null;
    readonly staffId: string | null;
    readonly name: string | null;
    readonly isBot: boolean;
  };
  /** Milliseconds since the epoch. */
  readonly sentAtMs: number | null;
  /** The words in it, trimmed. */
  readonly text: string;
  readonly parts: readonly MessagePart[];
  /** What that message itself quoted; three levels in all. */
  readonly quote: QuotedMessage | null;
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

  // Whatever follows is absent from messages that an older gateway journaled.

  /** Everything that was written, in order; `text` is the words of it. */
  readonly parts?: readonly MessagePart[];
  readonly quote?: QuotedMessage | null;
  /** Everybody who was mentioned, the bot among them. */
  readonly mentions?: readonly MentionedPerson[];
  /** Whether the bot itself was mentioned; null when the platform does not say. */
  readonly isBotMentioned?: boolean | null;
  /** Whether the platform calls the sender an administrator of the organisation; null when it does not say. */
  readonly isSenderAdmin?: boolean | null;
  /** The platform's own thread inside the conversation (`openThreadId`). */
  readonly openThreadId?: string | null;
  /** The client it was written with, e.g. `Mac`. */
  readonly senderPlatform?: string | null;
  /** Whom the bot stands in for (delegate topic). */
  readonly hosting?: { readonly userId: string | null; readonly name: string | null } | null;
}
