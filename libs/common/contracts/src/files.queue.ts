import { z } from 'zod';

import { envelope } from './envelope';
import { defineQueue } from './queue-contract';

const fileJob = envelope.extend({
  fileId: z.uuid(),
  /** Raised whenever the row is woken again. */
  wake: z.number().int().nonnegative(),
});
export type FileJob = z.infer<typeof fileJob>;

/** "Fetch this file." Written by the dispatcher and the sweeper, read by the dispatcher's own workers for it. */
export const filesQueue = defineQueue({
  name: 'files',
  payload: fileJob,
  jobId: ({ fileId, wake }) => `${fileId}-${wake}`,
  retry: { attempts: 5, backoffMs: 1_000 },
  lockMs: 15_000,
});
