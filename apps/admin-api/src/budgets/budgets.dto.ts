import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { mergePatchSchema } from '../http/merge-patch-schema';
import { nullIsUnset } from '../http/null-is-unset';
import { pageOf, pageQuery } from '../http/page';
import { stamps } from '../http/wire';

const scopes = ['tenant', 'channel', 'member'] as const;
const periods = ['day', 'month'] as const;
const units = ['tokens', 'cost', 'turns'] as const;
const amount = z.number().positive().max(1e15);

const fields = z.strictObject({
  scope: z.enum(scopes),
  channelId: z.uuid().optional().describe('Of scope channel; unset: every channel has this much'),
  memberId: z.uuid().optional().describe('Of scope member; unset: every member has this much'),
  period: z.enum(periods).describe('Days and months are those of China'),
  unit: z.enum(units).describe('tokens: in and out; cost: by the prices of the models'),
  soft: amount.optional().describe('From here on the bot says so below its answers'),
  hard: amount.optional().describe('From here on questions end with one sentence'),
});

/** What only makes sense together. */
export const budgetFields = fields.superRefine((budget, context) => {
  const wrong = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (budget.soft === undefined && budget.hard === undefined)
    wrong('hard', 'is required when soft is not given');
  if (budget.channelId !== undefined && budget.scope !== 'channel')
    wrong('channelId', 'belongs to the scope channel');
  if (budget.memberId !== undefined && budget.scope !== 'member')
    wrong('memberId', 'belongs to the scope member');
});
export type BudgetFields = z.output<typeof budgetFields>;

export const budgetView = z.object({
  id: z.uuid(),
  scope: z.enum(scopes),
  channelId: z.uuid().nullable(),
  memberId: z.uuid().nullable(),
  period: z.enum(periods),
  unit: z.enum(units),
  soft: z.number().nullable(),
  hard: z.number().nullable(),
  ...stamps,
});

export class CreateBudgetDto extends createZodDto(nullIsUnset(budgetFields)) {}
export class UpdateBudgetDto extends createZodDto(mergePatchSchema(fields)) {}
export class ListBudgetsDto extends createZodDto(pageQuery) {}
export class BudgetDto extends createZodDto(budgetView) {}
export class BudgetListDto extends createZodDto(pageOf(budgetView)) {}
