import { z } from 'zod';

import { envelope } from './envelope';
import { defineQueue } from './queue-contract';

const generationJob = envelope.extend({
  turnId: z.uuid(),
  /** Raised whenever the row is woken again. */
  wake: z.number().int().nonnegative(),
});
export type GenerationJob = z.infer<typeof generationJob>;

/** "Answer this turn." Written by the dispatcher, the sender and the sweeper, read by the generator. */
export const generationQueue = defineQueue({
  name: 'generation',
  payload: generationJob,
  jobId: ({ turnId, wake }) => `${turnId}-${wake}`,
  retry: { attempts: 5, backoffMs: 1_000 },
  lockMs: 6_000,
});
