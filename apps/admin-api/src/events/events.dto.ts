import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

/** How long one stream lasts at most: whoever listens comes back with the last id and misses nothing. */
export const MAX_SECONDS = 300;

export const eventTypes = ['channel', 'turn', 'queue'] as const;
export type EventType = (typeof eventTypes)[number];

const words = z.string().transform((text) => text.split(','));

export const eventQuery = z.strictObject({
  types: words
    .pipe(z.array(z.enum(eventTypes)).min(1).max(eventTypes.length))
    .optional()
    .describe('Some of channel, turn, queue; separated by commas. Unset: all'),
  channelIds: words
    .pipe(z.array(z.uuid()).min(1).max(200))
    .optional()
    .describe('Events of these channels alone; separated by commas'),
  for: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_SECONDS)
    .default(MAX_SECONDS)
    .describe('Seconds to listen at most; 0: what was missed, and no more'),
});
export type EventQuery = z.output<typeof eventQuery>;

export class ListenDto extends createZodDto(eventQuery) {}
