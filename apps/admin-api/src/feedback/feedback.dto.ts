import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { pageOf, pageQuery } from '../http/page';
import { isoTime } from '../http/wire';

export const feedbackKinds = ['up', 'down', 'text'] as const;

export const feedbackView = z.object({
  id: z.uuid(),
  kind: z.enum(feedbackKinds),
  text: z.string().nullable(),
  channelId: z.uuid(),
  turnId: z.uuid().nullable().describe('Null: said of the bot as such'),
  agentVersionId: z.uuid().nullable().describe('Who gave the answer'),
  memberId: z.uuid(),
  createdAt: isoTime,
  updatedAt: isoTime,
});
export type FeedbackView = z.output<typeof feedbackView>;

const filter = z.object({
  kind: z.enum(feedbackKinds).optional(),
  channelId: z.uuid().optional(),
  turnId: z.uuid().optional(),
  agentVersionId: z.uuid().optional(),
  since: isoTime.optional().describe('Said at this time or later'),
});
export type FeedbackFilter = z.output<typeof filter>;

export class ListFeedbackDto extends createZodDto(pageQuery.extend(filter.shape)) {}
export class ExportFeedbackDto extends createZodDto(filter) {}
export class FeedbackListDto extends createZodDto(pageOf(feedbackView)) {}
