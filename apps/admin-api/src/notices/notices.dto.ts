import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { buttonColors, noticeKinds, noticeStates, recipientStates } from '@common/domain';

import { nullIsUnset } from '../http/null-is-unset';
import { pageOf, pageQuery } from '../http/page';
import { httpUrl, isoTime } from '../http/wire';

/** `msgParam` ends at 15 000 bytes; cards above 2 500 to 3 000 characters were seen blank (messaging reference §5.8, §6.7). */
const MAX = {
  message: { characters: 5_000, bytes: 13_000 },
  card: { characters: 2_400, bytes: 9_000 },
};
export const MAX_RECIPIENTS = 10_000;

const address = z.string().trim().min(1).max(200);
const button = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z][\w-]{0,49}$/, 'must begin with a letter, then letters, digits, _ and -'),
  label: z.string().trim().min(1).max(40),
  url: httpUrl.optional().describe('Opens this; without it the click is kept and listed'),
  color: z.enum(buttonColors).default('blue'),
});

const fields = z.strictObject({
  channelId: z.uuid(),
  kind: z.enum(noticeKinds).default('markdown'),
  title: z.string().trim().max(100).default('').describe('Shown in lists of conversations'),
  text: z.string().trim().min(1).max(MAX.message.characters),
  buttons: z.array(button).max(6).default([]).describe('Of a card'),
  isAiGenerated: z.boolean().default(false).describe('Carries the channel’s AI mark'),
  to: z.strictObject({
    memberIds: z.array(z.uuid()).max(MAX_RECIPIENTS).default([]),
    staffIds: z.array(address).max(MAX_RECIPIENTS).default([]),
    departmentIds: z
      .array(address)
      .max(200)
      .default([])
      .describe('Members whose attributes name one of these departments'),
    conversationIds: z
      .array(address)
      .max(1_000)
      .default([])
      .describe('Groups: our id, or the open conversation id'),
  }),
  sendAt: isoTime.optional().describe('Unset or past: now'),
  idempotencyKey: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('Your own name for it: the same one is sent once, however often it is asked for'),
});

/** What only makes sense together. */
export const noticeFields = fields.superRefine((notice, context) => {
  const issue = (path: string[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  const { text, kind, buttons, title, to } = notice;
  const most = MAX[kind === 'card' ? 'card' : 'message'];
  if (Array.from(text).length > most.characters)
    issue(['text'], `has more than ${most.characters} characters`);
  else if (Buffer.byteLength(JSON.stringify({ title, text })) > most.bytes)
    issue(['text'], `has more than ${most.bytes} bytes`);
  if (kind !== 'card' && buttons.length > 0) issue(['buttons'], 'only cards have buttons');
  if (new Set(buttons.map(({ id }) => id)).size < buttons.length)
    issue(['buttons'], 'two buttons have the same id');
  if (Object.values(to).every((list) => list.length === 0)) issue(['to'], 'names nobody');
});
export type NoticeFields = z.output<typeof noticeFields>;

const count = z.number().int();
export const noticeView = z.object({
  id: z.uuid(),
  channelId: z.uuid(),
  kind: z.enum(noticeKinds),
  title: z.string(),
  text: z.string(),
  buttons: z.array(button),
  isAiGenerated: z.boolean(),
  state: z.enum(noticeStates),
  sendAt: isoTime,
  idempotencyKey: z.string().nullable(),
  recipients: z.object({
    total: count,
    waiting: count.describe('Not sent yet, or being sent'),
    sent: count,
    possiblyTwice: count.describe('Sent again after an unknown outcome, and marked so'),
    invalid: count.describe('The platform knows nobody of that id, or will not write to them'),
    flowControlled: count.describe('The platform wanted them left alone, again and again'),
    failed: count,
    unknown: count.describe('Nobody knows whether it arrived'),
    cancelled: count,
    recalled: count,
    read: count,
  }),
  clicks: count,
  cancelRequestedAt: isoTime.nullable(),
  recallRequestedAt: isoTime.nullable(),
  createdAt: isoTime,
  startedAt: isoTime.nullable(),
  endedAt: isoTime.nullable(),
});
export type NoticeView = z.output<typeof noticeView>;

export const recipientView = z.object({
  id: z.uuid(),
  kind: z.enum(['person', 'group']),
  memberId: z.uuid().nullable(),
  address: z.string().nullable().describe('Staff id, or open conversation id'),
  state: z.enum(recipientStates),
  error: z.string().nullable().describe('Why not, e.g. `recipient_rejected`, `quota`'),
  possiblyTwice: z.boolean(),
  sentAt: isoTime.nullable(),
  recall: z
    .object({ state: z.enum(['asked', 'recalled', 'failed']), error: z.string().nullable() })
    .nullable(),
  receipt: z
    .object({
      state: z.enum(['asked', 'unread', 'read', 'failed']),
      readers: count.nullable().describe('Of a group: how many read it'),
      at: isoTime.nullable(),
    })
    .nullable()
    .describe('As it was when receipts were asked for'),
});
export type RecipientView = z.output<typeof recipientView>;

export const clickView = z.object({
  id: z.uuid(),
  recipientId: z.uuid().describe('On whose card'),
  buttonId: z.string(),
  staffId: z.string(),
  memberId: z.uuid().nullable(),
  clickedAt: isoTime,
});
export type ClickView = z.output<typeof clickView>;

export class CreateNoticeDto extends createZodDto(nullIsUnset(noticeFields)) {}
export class ListNoticesDto extends createZodDto(
  pageQuery.extend({ channelId: z.uuid().optional(), state: z.enum(noticeStates).optional() }),
) {}
export class ListRecipientsDto extends createZodDto(
  pageQuery.extend({ state: z.enum(recipientStates).optional() }),
) {}
export class ListClicksDto extends createZodDto(pageQuery) {}
export class NoticeDto extends createZodDto(noticeView) {}
export class NoticeListDto extends createZodDto(pageOf(noticeView)) {}
export class RecipientListDto extends createZodDto(pageOf(recipientView)) {}
export class ClickListDto extends createZodDto(pageOf(clickView)) {}
