import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { channelStates } from '@common/domain';

import { isoTime, json } from '../http/wire';

export const channelStatus = z.object({
  state: z.enum(channelStates),
  code: z.string().describe('Stable word for machines'),
  message: z.string().describe('What is, in one sentence'),
  userAction: z.string().nullable().describe('What you can do about it'),
  connectedAt: isoTime.nullable(),
  uptimeSeconds: z.number().int().nullable(),
  lastError: z.object({ code: z.string(), message: z.string(), at: isoTime }).nullable(),
  connections: z.array(z.object({ gatewayId: z.uuid(), since: isoTime })),
  asOf: isoTime.describe('When the reporting gateway was last heard of'),
  allowance: z.record(z.string(), json),
});
export type ChannelStatus = z.output<typeof channelStatus>;

export const channelCheck = z.object({
  name: z.enum(['stream', 'token', 'scopes', 'template']),
  ok: z.boolean(),
  code: z.string(),
  message: z.string(),
  userAction: z.string().nullable(),
});
export type ChannelCheck = z.output<typeof channelCheck>;

export class ChannelStatusDto extends createZodDto(channelStatus) {}
export class ChannelTestDto extends createZodDto(z.object({ checks: z.array(channelCheck) })) {}
export class DisableChannelDto extends createZodDto(
  z.strictObject({
    mode: z
      .enum(['drain', 'now'])
      .default('drain')
      .describe('`drain`: running turns finish; `now`: they are cancelled too'),
  }),
) {}
