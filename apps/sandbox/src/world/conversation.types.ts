/** A mention as people see it. */
export interface Mention {
  readonly id: string;
  readonly name: string;
}

export interface EntryFile {
  readonly downloadCode: string;
  readonly name: string;
  readonly isImage: boolean;
}

/** A person's message. */
export interface UserEntry {
  readonly kind: 'user';
  readonly id: string;
  readonly at: number;
  readonly msgId: string;
  readonly userId: string;
  readonly name: string;
  readonly msgtype: string;
  readonly text: string;
  readonly mentions: Mention[];
  /** Pictures and files in it, as the page shows them. */
  readonly files: readonly EntryFile[];
  /** Emotion names attached by bots (§5.7). */
  readonly reactions: string[];
}

/** A bot's message through a webhook or the robot API. */
export interface BotEntry {
  readonly kind: 'bot';
  readonly id: string;
  readonly at: number;
  readonly clientId: string | null;
  readonly name: string;
  readonly way: 'webhook' | 'robot' | 'custom';
  readonly msgtype: string;
  readonly title: string;
  /** Markdown, unless msgtype is text. */
  readonly text: string;
  readonly mentions: readonly Mention[];
  readonly processQueryKey: string | null;
  recalled: boolean;
}

/** A card; its content lives in the card store. */
export interface CardEntry {
  readonly kind: 'card';
  readonly id: string;
  readonly at: number;
  readonly clientId: string;
  readonly name: string;
  readonly outTrackId: string;
  readonly mentions: readonly Mention[];
  readonly processQueryKey: string;
  recalled: boolean;
}

/** A remark of the sandbox itself, for instance that a bot is not connected. */
export interface NoticeEntry {
  readonly kind: 'notice';
  readonly id: string;
  readonly at: number;
  readonly code: 'not_connected';
  readonly clientId: string;
  readonly name: string;
}

export type Entry = UserEntry | BotEntry | CardEntry | NoticeEntry;

export interface Conversation {
  readonly id: string;
  readonly type: '1' | '2';
  /** 1:1 only. */
  readonly userId?: string | undefined;
  readonly clientId?: string | undefined;
  /** Groups only. */
  readonly groupId?: string | undefined;
}
