import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { pageOf } from '../http/page';
import { isoTime, json } from '../http/wire';

const count = z.number().int();

export const queueView = z.object({
  name: z.string(),
  paused: z.boolean(),
  counts: z.object({
    waiting: count,
    active: count,
    delayed: count,
    failed: count,
    paused: count,
    prioritized: count,
    completed: count,
  }),
});
export type QueueView = z.output<typeof queueView>;

export const failedJob = z.object({
  id: z.string(),
  data: z.record(z.string(), json).describe('Ids only, never content'),
  attemptsMade: count,
  failedReason: z.string(),
  failedAt: isoTime.nullable(),
});
export type FailedJob = z.output<typeof failedJob>;

export class ListFailedDto extends createZodDto(
  z.strictObject({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z.string().max(200).optional(),
  }),
) {}
export class RetryJobsDto extends createZodDto(
  z.strictObject({ jobId: z.string().max(200).optional().describe('Unset: all failed jobs') }),
) {}
export class QueueDto extends createZodDto(queueView) {}
export class QueueListDto extends createZodDto(pageOf(queueView)) {}
export class FailedJobListDto extends createZodDto(pageOf(failedJob)) {}

/** Where a page of failed jobs begins: after this job. */
export const jobPosition = z.tuple([z.string().max(200)]);
