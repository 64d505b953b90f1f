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
