import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { pageOf, pageQuery } from '../http/page';
import { searchText } from '../http/search-window';
import { isoTime } from '../http/wire';

const roles = ['user', 'assistant'] as const;

export const foundMessage = z.object({
  id: z.uuid(),
  sessionId: z.uuid(),
  turnId: z.uuid(),
  channelId: z.uuid(),
  memberId: z.uuid(),
  role: z.enum(roles),
  text: z.string(),
  createdAt: isoTime,
});
export type FoundMessage = z.output<typeof foundMessage>;

const filter = z.strictObject({
  q: searchText.optional().describe('Part of the text, of any case'),
  channelId: z.uuid().optional(),
  sessionId: z.uuid().optional(),
  memberId: z.uuid().optional().describe('Who asked'),
  role: z.enum(roles).optional(),
  since: isoTime.optional().describe('Written at this time or later'),
  until: isoTime.optional().describe('Written before this time'),
});
export type MessageFilter = z.output<typeof filter>;

export class SearchMessagesDto extends createZodDto(pageQuery.extend(filter.shape)) {}
export class ExportMessagesDto extends createZodDto(filter) {}
export class FoundMessageListDto extends createZodDto(
  pageOf(foundMessage).describe('May be short, or empty, and yet have a next page: go on'),
) {}
