/** What happened, in our words; `other` for event types without a meaning of their own here. */
export const platformEventKinds = [
  'bot_added',
  'bot_removed',
  'message_recalled',
  'message_read',
  'group_renamed',
  'group_disbanded',
  'group_owner_changed',
  'group_members_added',
  'group_members_removed',
  'group_member_left',
  'group_template_changed',
  'people_joined',
  'people_changed',
  'people_left',
  'people_activated',
  'departments_changed',
  'organization_changed',
  'admins_changed',
  'roles_changed',
  'other',
] as const;
export type PlatformEventKind = (typeof platformEventKinds)[number];

/** What an event names, the same over Stream and HTTP and whatever the age of the registration. */
export interface PlatformEventFacts {
  readonly kind: PlatformEventKind;
  /** The group: `openConversationId`. */
  readonly conversationId: string | null;
  /** The group's other id, for old APIs. */
  readonly chatId: string | null;
  readonly robotCode: string | null;
  readonly coolAppCode: string | null;
  /** The group's new name. */
  readonly title: string | null;
  /** The group's new owner. */
  readonly ownerStaffId: string | null;
  readonly operator: { readonly staffId: string | null; readonly unionId: string | null };
  /** Whom it is about. */
  readonly staffIds: readonly string[];
  readonly unionIds: readonly string[];
  readonly departmentIds: readonly string[];
  /** Names a message of the bot, in recalls and read receipts. */
  readonly processQueryKey: string | null;
}

/** An organisation or group event. */
export interface PlatformEvent {
  /** Stable over redeliveries and over both ways of delivery; null when the platform gave none. */
  readonly eventId: string | null;
  /** As the platform spells it, e.g. `chat_update_title`; `unknown` when it names none. */
  readonly eventType: string;
  readonly corpId: string | null;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly bornAtMs: number | null;
  /** What it carries, without the envelope, keys in camelCase, storable; null when it is no JSON. */
  readonly data: unknown;
  /** Absent from events that an older gateway journaled. */
  readonly facts?: PlatformEventFacts;
}
