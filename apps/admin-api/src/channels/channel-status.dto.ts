import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { channelStates } from '@common/domain';

import { pageOf, pageQuery } from '../http/page';
import { isoTime, json } from '../http/wire';
import { pendingSecret } from './channels.dto';

export const channelStatus = z.object({
  state: z.enum(channelStates),
  code: z.string().describe('Stable word for machines'),
  message: z.string().describe('What is, in one sentence'),
  userAction: z.string().nullable().describe('What you can do about it'),
  connectedAt: isoTime.nullable(),
  uptimeSeconds: z.number().int().nullable(),
  lastError: z.object({ code: z.string(), message: z.string(), at: isoTime }).nullable(),
  lastMessageAt: isoTime.nullable().describe('When the last message was received'),
  lastAnswerAt: isoTime.nullable().describe('When the last answer or reply became visible'),
  connections: z.array(z.object({ gatewayId: z.uuid(), since: isoTime })),
  asOf: isoTime.describe('When the reporting gateway was last heard of'),
  allowance: z.record(z.string(), json),
  pendingSecret,
});
export type ChannelStatus = z.output<typeof channelStatus>;

export const channelCheck = z.object({
  name: z.enum(['stream', 'token', 'scopes', 'template', 'card']),
  ok: z.boolean(),
  code: z.string(),
  message: z.string(),
  userAction: z.string().nullable(),
});
export type ChannelCheck = z.output<typeof channelCheck>;

export class ChannelStatusDto extends createZodDto(channelStatus) {}
export class ChannelTestDto extends createZodDto(z.object({ checks: z.array(channelCheck) })) {}
export class RunChannelTestDto extends createZodDto(
  z.strictObject({
    testerStaffId: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .optional()
      .describe('Who is shown a real card; unset: nobody sees anything'),
  }),
) {}

export const transition = z.object({
  id: z.uuid(),
  gatewayId: z.uuid(),
  state: z.enum(channelStates),
  code: z.string(),
  message: z.string(),
  at: isoTime,
});
export type TransitionView = z.output<typeof transition>;
export const quarantined = z.object({
  eventId: z.uuid(),
  kind: z.enum(['message', 'event', 'card_action']),
  receivedAt: isoTime,
  cause: z.string().nullable().describe('Why it could not be processed'),
  failures: z.number().int(),
});
export type QuarantinedView = z.output<typeof quarantined>;
export class ListHistoryDto extends createZodDto(pageQuery) {}
export class TransitionListDto extends createZodDto(pageOf(transition)) {}
export class QuarantineListDto extends createZodDto(pageOf(quarantined)) {}

/** In the address or in the body: `now` in either is meant. */
const disableWish = z.strictObject({
  mode: z
    .enum(['drain', 'now'])
    .default('drain')
    .describe('`drain`: running turns finish; `now`: they are cancelled too'),
});
export class DisableChannelDto extends createZodDto(disableWish) {}
export class DisableChannelBodyDto extends createZodDto(disableWish) {}
