import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { isoTime } from '../http/wire';

export const masterKeys = z.object({
  primary: z.string().describe('Id of the key that is to seal: the first in MASTER_KEYS'),
  seals: z
    .string()
    .describe('Id of the key that seals here at present: the first that every living process has'),
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
        .describe(
          'Since then nothing is sealed with it, and nobody seals with it: it may go from MASTER_KEYS',
        ),
    }),
  ),
  resealing: z.object({
    state: z
      .enum(['waiting', 'running', 'done'])
      .describe('`waiting`: living processes still seal with another key'),
    waitingFor: z.number().int().describe('How many of them'),
    processes: z
      .array(
        z.object({
          id: z.uuid(),
          service: z.string(),
          host: z.string(),
          pid: z.number().int(),
          seals: z
            .string()
            .nullable()
            .describe('Id of the key it seals with; null: it does not say'),
          lacks: z
            .array(z.string())
            .describe('Ids of keys that it needs, or that are to come, and does not have'),
        }),
      )
      .describe(
        'Those processes; once none lacks the first key, all seal with it after some seconds',
      ),
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
