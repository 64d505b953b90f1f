import { z } from 'zod';

/** Published by a generator for the sender of a turn: its first words are there, or it has ended. */
export const replyNews = z.object({
  turnId: z.uuid(),
  attempt: z.number().int().positive(),
  kind: z.enum(['first_words', 'end']),
});
export type ReplyNews = z.infer<typeof replyNews>;

/** One piece of a running answer: `text` begins at `offset` (UTF-16 units) of this attempt's words. */
export interface ReplyDelta {
  readonly offset: number;
  readonly text: string;
  /** One line about what is being done, to be shown below the words until the next delta. */
  readonly note?: string;
}
