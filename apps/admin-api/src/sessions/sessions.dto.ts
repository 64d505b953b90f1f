import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { pageOf, pageQuery } from '../http/page';
import { searchText } from '../http/search-window';
import { isoTime } from '../http/wire';

export const sessionView = z.object({
  id: z.uuid(),
  channelId: z.uuid(),
  memberId: z.uuid().nullable().describe('Null where a group shares its session'),
  memberName: z.string().nullable(),
  conversation: z.object({
    id: z.uuid(),
    platformId: z.string(),
    kind: z.enum(['direct', 'group']),
    title: z.string().nullable(),
  }),
  number: z.number().int().describe('Counts up within the thread'),
  title: z.string().nullable(),
  current: z.boolean().describe('Whether the next question continues it'),
  startedAt: isoTime,
  lastActivityAt: isoTime,
  endedAt: isoTime.nullable(),
});
export type SessionView = z.output<typeof sessionView>;

export const messageView = z.object({
  id: z.uuid(),
  turnId: z.uuid(),
  role: z.enum(['user', 'assistant']),
  text: z.string(),
  createdAt: isoTime,
});
export type MessageView = z.output<typeof messageView>;

/** Where a page of messages begins: turn, whether an answer, id. */
export const messagePosition = z.tuple([
  z.string().regex(/^\d{1,18}$/),
  z.enum(['true', 'false']),
  z.uuid(),
]);

export class ListSessionsDto extends createZodDto(
  pageQuery.extend({
    channelId: z.uuid().optional(),
    memberId: z.uuid().optional(),
    q: searchText
      .optional()
      .describe('Part of a title or a name, of any case. A page may then be short: go on'),
  }),
) {}
export class ListMessagesDto extends createZodDto(pageQuery) {}
export class SessionDto extends createZodDto(sessionView) {}
export class SessionListDto extends createZodDto(pageOf(sessionView)) {}
export class MessageListDto extends createZodDto(pageOf(messageView)) {}
