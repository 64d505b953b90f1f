import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { channelStates } from '@common/domain';

import { pageOf, pageQuery } from '../http/page';
import { isoTime } from '../http/wire';

export const connectionView = z.object({
  gatewayId: z.uuid(),
  channelId: z.uuid(),
  channelName: z.string(),
  state: z.enum(channelStates),
  code: z.string(),
  message: z.string(),
  connectedAt: isoTime.nullable(),
  changedAt: isoTime,
  live: z.boolean().describe('Whether the gateway is heard of; what a silent one said is history'),
});
export type ConnectionView = z.output<typeof connectionView>;

export const gatewayView = z.object({
  id: z.uuid(),
  startedAt: isoTime,
  seenAt: isoTime,
  live: z.boolean(),
  channels: z.number().int().describe('Of the tenant, that it reports on'),
  connected: z.number().int().describe('Those of them that are connected or degraded'),
});
export type GatewayView = z.output<typeof gatewayView>;

export class ListConnectionsDto extends createZodDto(
  pageQuery.extend({
    gatewayId: z.uuid().optional(),
    channelId: z.uuid().optional(),
    state: z.enum(channelStates).optional(),
  }),
) {}
export class ConnectionListDto extends createZodDto(pageOf(connectionView)) {}
export class GatewayListDto extends createZodDto(pageOf(gatewayView)) {}

/** Where a page of connections begins: after this gateway and channel. */
export const connectionPosition = z.tuple([z.uuid(), z.uuid()]);
