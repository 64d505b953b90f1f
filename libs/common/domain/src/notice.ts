export const noticeKinds = ['text', 'markdown', 'card'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const noticeStates = ['scheduled', 'sending', 'sent', 'cancelled'] as const;
export type NoticeState = (typeof noticeStates)[number];

/**
 * What became of a notice at one person or group. `unknown`: sent, perhaps sent twice, and the platform never said
 * whether it arrived; `flow_controlled`: the platform would not write to this person again and again.
 */
export const recipientStates = [
  'pending',
  'sending',
  'sent',
  'invalid',
  'flow_controlled',
  'failed',
  'unknown',
  'cancelled',
] as const;
export type RecipientState = (typeof recipientStates)[number];

export const buttonColors = ['blue', 'gray', 'red'] as const;

/** A button of a card: it opens a link, or its click is kept. */
export interface NoticeButton {
  readonly id: string;
  readonly label: string;
  readonly url?: string | undefined;
  readonly color: (typeof buttonColors)[number];
}

export interface NoticeContent {
  /** What lists of conversations show, and a card as its head. */
  readonly title: string;
  /** Markdown, unless the kind is `text`. */
  readonly text: string;
  readonly buttons: readonly NoticeButton[];
  /** Carries the channel's mark of what an AI wrote. */
  readonly isAiGenerated: boolean;
}

/** Recall and receipts: the platform knows a message for so long (messaging reference §5.6). */
export const MESSAGE_KNOWN_HOURS = 24;
