import { z } from 'zod';

const names = z.array(z.string().trim().min(1).max(200)).max(1_000);

/** Whom a rule means; somebody it names in any of the four ways. */
const people = z.strictObject({
  /** Staff ids, union ids or member ids. */
  people: names.optional(),
  /** Department ids, as the members' attributes name them. */
  departments: names.optional(),
  /** `admin`, `member`, or a role of the members' attributes. */
  roles: names.optional(),
  /** Conversation ids of groups. */
  groups: names.optional(),
});
export type PeopleRule = z.output<typeof people>;

const limits = z.strictObject({
  perMinute: z.number().int().positive().max(1_000_000).optional(),
  perDay: z.number().int().positive().max(1_000_000).optional(),
});
export type MessageLimits = z.output<typeof limits>;

/** Who may talk with a bot, where and how much. Deny wins over allow; without `allow` everybody may. */
export const accessRules = z.strictObject({
  allow: people.optional(),
  deny: people.optional(),
  /** Whether the bot answers in direct chats. */
  direct: z.boolean().default(true),
  /** Whether it answers in groups. */
  group: z.boolean().default(true),
  /** Whether people outside the organisation may talk with it. */
  external: z.boolean().default(true),
  /** First contact waits for an administrator's approval; whoever `allow` names needs none. */
  pairing: z.boolean().default(false),
  perMember: limits.default({}),
  perChannel: limits.default({}),
  /** Commands of one person in a minute. */
  commandsPerMinute: z.number().int().positive().max(10_000).default(120),
  /** Questions that may wait in one thread. */
  maxQueued: z.number().int().positive().max(1_000).default(20),
  /** Commands that only administrators may use, by their English names. */
  adminCommands: names.default([]),
});
export type AccessRules = z.output<typeof accessRules>;

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be HH:MM');

/** When a bot answers. Outside these times it says so. */
export const serviceSettings = z.strictObject({
  maintenance: z.boolean().default(false),
  /** Said while in maintenance; unset: our own sentence. */
  maintenanceMessage: z.string().trim().min(1).max(2_000).optional(),
  hours: z
    .strictObject({
      timeZone: z
        .string()
        .refine(isTimeZone, { message: 'is no time zone' })
        .default('Asia/Shanghai'),
      spans: z
        .array(
          z.strictObject({
            /** 1 is Monday, 7 Sunday. */
            days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
            from: clock,
            /** Later than `from` on the same day. */
            to: clock,
          }),
        )
        .min(1)
        .max(50),
      /** Said outside of the hours; unset: our own sentence. */
      message: z.string().trim().min(1).max(2_000).optional(),
    })
    .optional(),
});
export type ServiceSettings = z.output<typeof serviceSettings>;
export type ServiceHours = NonNullable<ServiceSettings['hours']>;

/** When a bot introduces itself: at most once each. */
export const welcomeSettings = z.strictObject({
  onAdded: z.boolean().default(true),
  onFirstContact: z.boolean().default(false),
});
export type WelcomeSettings = z.output<typeof welcomeSettings>;

const choice = z.strictObject({
  allowed: z.boolean().default(true),
  /** Unset: every one of the tenant. */
  ids: z.array(z.uuid()).max(200).optional(),
});

/** What people may choose for themselves in a channel. */
export const choiceSettings = z.strictObject({
  agents: choice.prefault({}),
  models: choice.prefault({}),
});
export type ChoiceSettings = z.output<typeof choiceSettings>;

/** How a bot finds out which member a platform identity means. */
export const memberMapping = z.strictObject({
  /**
   * `staff_id`, `union_id`: one member per person. `email`, `mobile`: as the directory says, when the app may read it.
   * `fixed`: everybody is one member. `http`: your own service decides.
   */
  mode: z.enum(['staff_id', 'union_id', 'email', 'mobile', 'fixed', 'http']).default('staff_id'),
  /** Off: only people who are members already are answered. */
  autoCreate: z.boolean().default(true),
  /** For `fixed`; unset: a member of the channel's own. */
  memberId: z.uuid().optional(),
  /** For `http`. */
  hook: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).max(2_000),
      timeoutMs: z.number().int().min(100).max(5_000).default(2_000),
      cacheMinutes: z.number().int().min(0).max(10_080).default(60),
    })
    .optional(),
});
export type MemberMapping = z.output<typeof memberMapping>;

/** Whether a mapping is answered from our own rows alone, on the spot. */
export const isImmediate = ({ mode, autoCreate }: MemberMapping): boolean =>
  autoCreate && (mode === 'staff_id' || mode === 'union_id');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // RangeError is how Intl says no.
    return false;
  }
}
