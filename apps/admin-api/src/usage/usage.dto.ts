import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { isoTime } from '../http/wire';
import { pageOf, pageQuery } from '../http/page';

export const usageGroups = ['day', 'channel', 'member', 'department', 'model'] as const;

const sums = {
  attempts: z.number().int().describe('Of all kinds, lost ones too: what was paid for'),
  turns: z.number().int().describe('Questions that ended'),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  cachedTokens: z.number().int(),
  countedTokens: z.number().int().describe('What quotas are measured by: one attempt of each turn'),
  toolCalls: z.number().int(),
  durationMs: z.number().int(),
  cost: z.number().describe('By the prices of the models'),
};

export const usageSum = z.object({
  day: z.iso.date().nullable(),
  channelId: z.uuid().nullable(),
  memberId: z.uuid().nullable(),
  department: z.string().nullable().describe('Null: of people whose departments are not known'),
  modelId: z.uuid().nullable(),
  ...sums,
});
export type UsageSum = z.output<typeof usageSum>;

export const attemptView = z.object({
  turnId: z.uuid(),
  attempt: z.number().int(),
  state: z.string(),
  counted: z.boolean(),
  channelId: z.uuid(),
  memberId: z.uuid(),
  modelId: z.uuid().nullable(),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  cachedTokens: z.number().int(),
  isEstimated: z.boolean(),
  toolCalls: z.number().int(),
  cost: z.number(),
  code: z.string().nullable(),
  startedAt: isoTime,
  endedAt: isoTime.nullable(),
});
export type AttemptView = z.output<typeof attemptView>;

export class UsageQueryDto extends createZodDto(
  z.strictObject({
    groupBy: z
      .string()
      .default('day')
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(usageGroups)).min(1).max(5))
      .describe(
        'One or several of day, channel, member, department, model; separated by commas. What people of several departments used is in the sum of each',
      ),
    from: z.iso.date().optional().describe('First day (of China); unset: 30 days ago'),
    to: z.iso.date().optional().describe('Last day; unset: today'),
    channelId: z.uuid().optional(),
    memberId: z.uuid().optional(),
    department: z.string().max(200).optional().describe('Of the people who are in it now'),
    modelId: z.uuid().optional(),
  }),
) {}
export class UsageDto extends createZodDto(z.object({ items: z.array(usageSum) })) {}
export class ListAttemptsDto extends createZodDto(
  pageQuery.extend({ turnId: z.uuid().optional() }),
) {}
export class AttemptListDto extends createZodDto(pageOf(attemptView)) {}
