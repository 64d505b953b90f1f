import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { isoTime } from '../http/wire';

const store = { ok: z.boolean(), version: z.string().nullable() };

export const systemInfo = z.object({
  version: z.string().describe('Of the software'),
  node: z.string(),
  now: isoTime.describe('By the clock of this process'),
  schema: z.object({
    version: z.number().int(),
    needed: z.number().int().describe('By this process'),
    compatibleFrom: z.number().int(),
  }),
  postgres: z.object({
    ...store,
    now: isoTime.describe('By the clock of the database'),
    latencyMs: z.number(),
  }),
  redis: z.object({
    ...store,
    latencyMs: z.number().nullable(),
    appendOnly: z.boolean().nullable().describe('Whether it may take events alone (AOF)'),
    maxmemoryPolicy: z.string().nullable().describe('Should be noeviction'),
  }),
  processes: z.array(
    z.object({
      id: z.uuid(),
      service: z.string(),
      host: z.string().nullable().describe('Shown to platform keys'),
      pid: z.number().int().nullable().describe('Shown to platform keys'),
      startedAt: isoTime,
      seenAt: isoTime,
      live: z.boolean(),
    }),
  ),
});
export type SystemInfo = z.output<typeof systemInfo>;

export class SystemInfoDto extends createZodDto(systemInfo) {}
