import { z } from 'zod';

import { envelope } from './envelope';
import { defineQueue } from './queue-contract';

const deliveryJob = envelope.extend({
  deliveryId: z.uuid(),
  /** Raised whenever the row is woken again. */
  wake: z.number().int().nonnegative(),
});
export type DeliveryJob = z.infer<typeof deliveryJob>;

/** "Make this visible." Written by the dispatcher, the sender and the sweeper, read by the sender. */
export const deliveryQueue = defineQueue({
  name: 'delivery',
  payload: deliveryJob,
  jobId: ({ deliveryId, wake }) => `${deliveryId}-${wake}`,
  retry: { attempts: 5, backoffMs: 1_000 },
  lockMs: 6_000,
});
