import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { deliveryStates, deliveryWays, outcomes, turnStates } from '@common/domain';

import { pageOf, pageQuery } from '../http/page';
import { isoTime, json } from '../http/wire';

export const turnView = z.object({
  id: z.uuid(),
  channelId: z.uuid(),
  sessionId: z.uuid(),
  memberId: z.uuid(),
  state: z.enum(turnStates),
  outcome: z.enum(outcomes).nullable(),
  attempt: z.number().int(),
  queuePosition: z
    .number()
    .int()
    .nullable()
    .describe(
      'Its place in the thread, or among those that wait for a free slot. 1: next; null: not waiting (any more)',
    ),
  agentVersionId: z.uuid().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  delivery: z
    .object({ state: z.enum(deliveryStates), way: z.enum(deliveryWays).nullable() })
    .nullable(),
  createdAt: isoTime,
  endedAt: isoTime.nullable(),
  platformMessageIds: z.array(z.string()),
  retryOf: z.uuid().nullable(),
  cancelRequestedAt: isoTime.nullable(),
});
export type TurnView = z.output<typeof turnView>;

export const checkpoint = z.object({
  at: isoTime,
  step: z.string(),
  detail: json.describe('Ids, numbers and codes; null when there is nothing to add'),
});
export type Checkpoint = z.output<typeof checkpoint>;

const redriveFilter = z.strictObject({
  channelId: z.uuid().optional(),
  sessionId: z.uuid().optional(),
  errorCode: z
    .string()
    .regex(/^[a-z0-9_]{1,64}$/)
    .optional()
    .describe('Such as `model_busy`'),
  since: isoTime.optional().describe('Asked at this time or later'),
  until: isoTime.optional().describe('Asked before this time'),
  turnIds: z.array(z.uuid()).min(1).max(500).optional(),
});
export type RedriveFilter = z.output<typeof redriveFilter>;

export const redrive = z.strictObject({
  filter: redriveFilter.describe('Of failed turns that were not driven again yet; {} means all'),
  limit: z.number().int().min(1).max(500).default(200).describe('Turns at most; oldest first'),
});

export const redriveView = z.object({
  retried: z.array(z.object({ turnId: z.uuid(), retryId: z.uuid() })),
  skipped: z.array(z.object({ turnId: z.uuid(), code: z.string() })),
  hasMore: z.boolean().describe('Whether the filter means more turns than the limit'),
});
export type RedriveView = z.output<typeof redriveView>;

export class RedriveTurnsDto extends createZodDto(redrive) {}
export class RedriveDto extends createZodDto(redriveView) {}
export class ListTurnsDto extends createZodDto(
  pageQuery.extend({
    state: z.enum(turnStates).optional(),
    channelId: z.uuid().optional(),
    sessionId: z.uuid().optional(),
    platformMessageId: z
      .string()
      .min(1)
      .max(300)
      .refine((id) => !id.includes('\0') && id.isWellFormed(), { message: 'is not well formed' })
      .optional()
      .describe('The platform’s id of a message that was asked'),
  }),
) {}
export class TurnDto extends createZodDto(turnView) {}
export class TurnListDto extends createZodDto(pageOf(turnView)) {}
export class TimelineDto extends createZodDto(pageOf(checkpoint)) {}
