import { z } from 'zod';

import { envelope } from './envelope';
import { defineQueue } from './queue-contract';

const inboundJob = envelope.extend({
  eventId: z.uuid(),
  /** Raised whenever the row is woken again. */
  wake: z.number().int().nonnegative(),
});
export type InboundJob = z.infer<typeof inboundJob>;

/** "Something came in for this event's thread." Written by the gateway and the sweeper, read by the dispatcher. */
export const inboundQueue = defineQueue({
  name: 'inbound',
  payload: inboundJob,
  jobId: ({ eventId, wake }) => `${eventId}-${wake}`,
  retry: { attempts: 5, backoffMs: 500 },
  lockMs: 15_000,
});
