import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { deliveryStates, deliveryWays } from '@common/domain';

import { pageOf, pageQuery } from '../http/page';
import { isoTime } from '../http/wire';

export const deliveryView = z.object({
  id: z.uuid(),
  channelId: z.uuid(),
  turnId: z.uuid().nullable().describe('Null: a plain reply, e.g. to a command'),
  state: z.enum(deliveryStates),
  way: z.enum(deliveryWays).nullable(),
  cardState: z.string().nullable().describe('`debt`, `abandoned`: a card that is still open'),
  error: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('Why nobody could be shown the text, e.g. `quota`, `unknown_outcome`'),
  pieces: z.object({
    total: z.number().int(),
    sent: z.number().int(),
    possiblyTwice: z.number().int().describe('Sent again after an unknown outcome, and marked so'),
  }),
  attempt: z.number().int(),
  createdAt: isoTime,
  endedAt: isoTime.nullable(),
});
export type DeliveryView = z.output<typeof deliveryView>;

export class ListDeliveriesDto extends createZodDto(
  pageQuery.extend({
    state: z.enum(deliveryStates).optional(),
    channelId: z.uuid().optional(),
    turnId: z.uuid().optional(),
  }),
) {}
export class DeliveryDto extends createZodDto(deliveryView) {}
export class DeliveryListDto extends createZodDto(pageOf(deliveryView)) {}
