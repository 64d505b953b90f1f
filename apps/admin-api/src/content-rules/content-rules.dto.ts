import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { mergePatchSchema } from '../http/merge-patch-schema';
import { nullIsUnset } from '../http/null-is-unset';
import { pageOf, pageQuery } from '../http/page';
import { isoTime, name, stamps } from '../http/wire';

const directions = ['in', 'out', 'both'] as const;
const actions = ['deny', 'mask'] as const;
const kinds = ['phone', 'id_card', 'bank_card', 'email'] as const;
const word = z.string().trim().min(1).max(100);

const fields = z.strictObject({
  name,
  channelId: z.uuid().optional().describe('Unset: every channel'),
  direction: z.enum(directions).describe('in: what people ask; out: what the bot answers'),
  action: z.enum(actions),
  words: z.array(word).max(1_000).default([]).describe('Found anywhere, whatever their case'),
  kinds: z.array(z.enum(kinds)).default([]).describe('Personal data that is found by its form'),
  enabled: z.boolean().default(true),
});

/** What only makes sense together. */
export const contentRuleFields = fields.superRefine((rule, context) => {
  if (rule.words.length + rule.kinds.length === 0)
    context.addIssue({
      code: 'custom',
      path: ['words'],
      message: 'is required when kinds is empty',
    });
});
export type ContentRuleFields = z.output<typeof contentRuleFields>;

export const contentRuleView = z.object({
  id: z.uuid(),
  name,
  channelId: z.uuid().nullable(),
  direction: z.enum(directions),
  action: z.enum(actions),
  words: z.array(z.string()),
  kinds: z.array(z.enum(kinds)),
  enabled: z.boolean(),
  ...stamps,
});

export const findingView = z.object({
  ruleId: z.uuid(),
  ruleName: z.string(),
  turnId: z.uuid(),
  channelId: z.uuid(),
  memberId: z.uuid(),
  direction: z.enum(['in', 'out']),
  action: z.enum(actions),
  hits: z.number().int().describe('How often the rule was applied to these words'),
  at: isoTime,
});
export type FindingView = z.output<typeof findingView>;

export class ListFindingsDto extends createZodDto(
  pageQuery.extend({
    ruleId: z.uuid().optional(),
    channelId: z.uuid().optional(),
    turnId: z.uuid().optional(),
  }),
) {}
export class FindingListDto extends createZodDto(pageOf(findingView)) {}
export class CreateContentRuleDto extends createZodDto(nullIsUnset(contentRuleFields)) {}
export class UpdateContentRuleDto extends createZodDto(mergePatchSchema(fields)) {}
export class ListContentRulesDto extends createZodDto(pageQuery) {}
export class ContentRuleDto extends createZodDto(contentRuleView) {}
export class ContentRuleListDto extends createZodDto(pageOf(contentRuleView)) {}
