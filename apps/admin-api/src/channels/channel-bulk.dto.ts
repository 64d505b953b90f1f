import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { channelDeeds } from './channel-operations.service';

const MOST = 1_000;

export const bulkWish = z
  .strictObject({
    action: z.enum(channelDeeds),
    channelIds: z.array(z.uuid()).min(1).max(MOST).optional(),
    all: z.literal(true).optional().describe('Every channel of the tenant'),
    mode: z
      .enum(['drain', 'now'])
      .default('drain')
      .describe('Of disable. `drain`: running turns finish; `now`: they are cancelled too'),
  })
  .refine(({ channelIds, all }) => (channelIds === undefined) !== (all === undefined), {
    path: ['channelIds'],
    message: 'either these, or all',
  });

export const bulkResult = z.object({
  failed: z.number().int(),
  items: z.array(
    z.object({
      channelId: z.uuid(),
      ok: z.boolean(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
});
export type BulkResult = z.output<typeof bulkResult>;

export class BulkChannelsDto extends createZodDto(bulkWish) {}
export class BulkResultDto extends createZodDto(bulkResult) {}
