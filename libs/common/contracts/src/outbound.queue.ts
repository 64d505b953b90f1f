import { z } from 'zod';

import { envelope } from './envelope';
import { defineQueue } from './queue-contract';

const outboundJob = envelope.extend({
  noticeId: z.uuid(),
  /** Raised whenever the row is woken again. */
  wake: z.number().int().nonnegative(),
});
export type OutboundJob = z.infer<typeof outboundJob>;

/**
 * "Something is to be done about this notice": send, take back, ask who read it, show a click. Written by the admin API,
 * the dispatcher (clicks, sweeper) and the sender, read by the sender.
 */
export const outboundQueue = defineQueue({
  name: 'outbound',
  payload: outboundJob,
  jobId: ({ noticeId, wake }) => `${noticeId}-${wake}`,
  retry: { attempts: 5, backoffMs: 1_000 },
  lockMs: 6_000,
});
