import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { isoTime } from '../http/wire';

export const masterKeys = z.object({
  primary: z.string().describe('Id of the key that seals: the first in MASTER_KEYS'),
  keys: z.array(
    z.object({
      id: z.string(),
      held: z.boolean().describe('Whether this process has it'),
      values: z
        .number()
        .int()
        .nullable()
        .describe('Values that are sealed with it; null: they could not be counted in time'),
      firstUsedAt: isoTime,
      retiredAt: isoTime
        .nullable()
        .describe('Since then nothing is sealed with it: it may go from MASTER_KEYS'),
    }),
  ),
  resealing: z.object({
    state: z
      .enum(['waiting', 'running', 'done'])
      .describe('`waiting`: living processes still seal with another key'),
    waitingFor: z.number().int().describe('How many of them'),
    tables: z.array(
      z.object({
        name: z.string(),
        done: z.boolean(),
        resealed: z.number().int(),
        leftBehind: z
          .record(z.string(), z.number())
          .describe('By key: values that could not be opened, for this process lacks the key'),
      }),
    ),
  }),
});
export type MasterKeysView = z.output<typeof masterKeys>;

export class MasterKeysDto extends createZodDto(masterKeys) {}
